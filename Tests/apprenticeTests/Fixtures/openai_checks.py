"""Drives a running server with OpenAI's own client. Usage: openai_checks.py BASE_URL KEY

Prints the name of each check that passed; ends with an exception at the first that fails.
"""
import json
import sys
import threading
import time
import urllib.request

import jsonschema
import openai

base, key = sys.argv[1:]
client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0, timeout=60)
messages = [{"role": "user", "content": "cat"}]


def get(path):
    request = urllib.request.Request(base + path, headers={"Authorization": "Bearer " + key})
    return urllib.request.urlopen(request, timeout=30).read().decode()


def metric(name):
    return float(next(line for line in get("/metrics").splitlines() if line.startswith(name + " ")).split()[1])


def idle():
    """Waits until nothing runs: what clients left must be given up."""
    deadline = time.time() + 60
    while metric("vllm:num_requests_running") or metric("vllm:num_requests_waiting"):
        assert time.time() < deadline, "a request goes on without its reader"
        time.sleep(0.05)


def refused(kind, **arguments):
    try:
        client.chat.completions.create(**({"model": "words", "messages": messages} | arguments))
    except kind as error:
        return error
    raise AssertionError(f"{arguments} was accepted")


def models():
    assert [m.id for m in client.models.list()] == ["words", "tuned", "bert"]
    assert client.models.retrieve("tuned").id == "tuned"


def chat():
    made = client.chat.completions.create(model="words", messages=messages, n=3, seed=4, max_tokens=8, logprobs=True, top_logprobs=2)
    assert len(made.choices) == 3 and made.usage.completion_tokens == sum(len(c.logprobs.content) for c in made.choices)
    again = client.chat.completions.create(model="words", messages=messages, n=3, seed=4, max_tokens=8)
    assert [c.message.content for c in made.choices] == [c.message.content for c in again.choices]
    tuned = client.chat.completions.create(model="tuned", messages=messages, n=3, seed=4, max_tokens=8)
    assert tuned.model == "tuned"


def streaming():
    whole = client.chat.completions.create(model="words", messages=messages, seed=9, max_tokens=10)
    parts = list(client.chat.completions.create(
        model="words", messages=messages, seed=9, max_tokens=10, stream=True, stream_options={"include_usage": True}))
    assert "".join(p.choices[0].delta.content or "" for p in parts if p.choices) == whole.choices[0].message.content
    assert parts[-1].usage.total_tokens == whole.usage.total_tokens
    # The client's own collector takes an answer that ended by itself only.
    helper = client.chat.completions.stream(
        model="words", messages=messages, seed=9, max_tokens=50, extra_body={"guided_choice": ["the cat sat", "the dog ran"]})
    with helper as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.content in ("the cat sat", "the dog ran")


def cancellation():
    extra = {"ignore_eos": True}
    before = metric("vllm:generation_tokens_total")
    stream = client.completions.create(model="words", prompt="cat", max_tokens=900, stream=True, extra_body=extra)
    next(iter(stream))
    stream.close()
    # A whole answer whose reader goes away is given up too.
    impatient = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0, timeout=0.05)
    try:
        impatient.completions.create(model="words", prompt="dog", max_tokens=900, n=24, extra_body=extra)
        raise AssertionError("21,600 tokens came within a twentieth of a second")
    except openai.APITimeoutError:
        pass
    idle()
    assert metric("vllm:generation_tokens_total") - before < 25 * 900


def texts():
    made = client.completions.create(model="words", prompt=["cat dog", "ant"], max_tokens=5, seed=1, logprobs=2)
    assert len(made.choices) == 2 and len(made.choices[0].logprobs.token_logprobs) <= 5
    ids = json.loads(post("/tokenize", {"prompt": "cat dog eel fox"}))["tokens"]
    echo = client.completions.create(model="words", prompt=[ids], max_tokens=1, echo=True, logprobs=1, temperature=0).choices[0]
    assert len(echo.logprobs.token_logprobs) == len(ids) + 1 and echo.logprobs.token_logprobs[0] is None
    assert all(p < 0 for p in echo.logprobs.token_logprobs[1:]) and echo.text.startswith("cat dog eel fox")


def post(path, body):
    request = urllib.request.Request(
        base + path, json.dumps(body).encode(), {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    return urllib.request.urlopen(request, timeout=30).read().decode()


def schemas():
    schema = {
        "type": "object", "additionalProperties": False, "required": ["animal", "legs", "tags"],
        "properties": {
            "animal": {"enum": ["cat", "dog"]}, "legs": {"type": "integer"}, "wild": {"type": ["boolean", "null"]},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 2},
            "young": {"anyOf": [{"$ref": "#/$defs/young"}, {"type": "null"}]},
        },
        "$defs": {"young": {"type": "object", "properties": {"born": {"type": "string", "format": "date"}}, "required": ["born"], "additionalProperties": False}},
    }
    ended = 0
    for seed in range(12):
        choice = client.chat.completions.create(
            model="words", messages=messages, seed=seed, max_tokens=300,
            response_format={"type": "json_schema", "json_schema": {"name": "animal", "strict": True, "schema": schema}}).choices[0]
        if choice.finish_reason == "stop":
            jsonschema.validate(json.loads(choice.message.content), schema)
            ended += 1
    assert ended > 4, ended
    error = refused(openai.BadRequestError, response_format={
        "type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "array", "uniqueItems": True}}})
    assert "uniqueItems" in str(error) and error.code == "invalid_constraint"


def tools():
    tool = {"type": "function", "function": {"name": "feed", "strict": True, "parameters": {
        "type": "object", "properties": {"food": {"enum": ["fish", "hay"]}}, "required": ["food"], "additionalProperties": False}}}
    made = client.chat.completions.create(
        model="words", messages=messages, max_tokens=200, tools=[tool], tool_choice={"type": "function", "function": {"name": "feed"}})
    call = made.choices[0].message.tool_calls[0]
    assert made.choices[0].finish_reason == "tool_calls" and json.loads(call.function.arguments)["food"] in ("fish", "hay")
    after = messages + [made.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "done"}]
    assert client.chat.completions.create(model="words", messages=after, tools=[tool], max_tokens=4).choices
    with client.chat.completions.stream(model="words", messages=messages, max_tokens=200, tools=[tool], tool_choice="required") as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.tool_calls[0].function.name == "feed"


    # What a model writes on its own is read as calls too, and a tool's references mean its own definitions.
    written = '<tool_call>{"name": "feed", "arguments": {"food": "hay"}}</tool_call>'
    auto = client.chat.completions.create(
        model="words", messages=messages, max_tokens=200, tools=[tool], tool_choice="auto", extra_body={"guided_choice": [written]}).choices[0]
    assert auto.finish_reason == "tool_calls" and json.loads(auto.message.tool_calls[0].function.arguments) == {"food": "hay"}
    none = client.chat.completions.create(
        model="words", messages=messages, max_tokens=200, tools=[tool], tool_choice="none", extra_body={"guided_choice": [written]}).choices[0]
    assert none.message.content == written and not none.message.tool_calls
    refers = {"type": "function", "function": {"name": "walk", "parameters": {
        "type": "object", "properties": {"where": {"$ref": "#/$defs/place"}}, "required": ["where"], "$defs": {"place": {"enum": ["wood", "field"]}}}}}
    walk = client.chat.completions.create(
        model="words", messages=messages, max_tokens=200, tools=[tool, refers], tool_choice={"type": "function", "function": {"name": "walk"}})
    assert json.loads(walk.choices[0].message.tool_calls[0].function.arguments)["where"] in ("wood", "field")


def responses():
    made = client.responses.create(model="words", input="cat", max_output_tokens=9, temperature=0, extra_body={"ignore_eos": True})
    assert made.status == "incomplete" and made.incomplete_details.reason == "max_output_tokens"
    chat = client.chat.completions.create(model="words", messages=messages, max_tokens=9, temperature=0, extra_body={"ignore_eos": True})
    assert made.output_text == chat.choices[0].message.content and made.usage.output_tokens == 9
    ending = {"guided_choice": ["the cat sat"]}
    events = list(client.responses.create(model="words", input="cat", stream=True, extra_body=ending))
    assert events[0].type == "response.created" and events[-1].type == "response.completed", [e.type for e in events]
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == "the cat sat"
    with client.responses.stream(model="words", input="cat", extra_body=ending) as stream:
        final = stream.get_final_response()
    assert final.output_text == "the cat sat"
    tool = {"type": "function", "name": "feed", "strict": True, "parameters": {
        "type": "object", "properties": {"food": {"enum": ["fish", "hay"]}}, "required": ["food"], "additionalProperties": False}}
    asked = [{"role": "user", "content": "cat"}]
    call = client.responses.create(model="words", input=asked, tools=[tool], tool_choice="required", max_output_tokens=200).output[0]
    assert call.type == "function_call" and json.loads(call.arguments)["food"] in ("fish", "hay")
    with client.responses.stream(model="words", input=asked, tools=[tool], tool_choice="required", max_output_tokens=200) as stream:
        assert stream.get_final_response().output[0].name == "feed"
    after = asked + [call.to_dict(), {"type": "function_call_output", "call_id": call.call_id, "output": "eaten"}]
    assert client.responses.create(model="words", input=after, instructions="Be brief.", extra_body=ending).output_text == "the cat sat"
    schema = {"type": "object", "properties": {"legs": {"type": "integer", "minimum": 2, "maximum": 4}}, "required": ["legs"], "additionalProperties": False}
    shaped = client.responses.create(model="words", input="cat", text={"format": {"type": "json_schema", "name": "legs", "schema": schema}})
    jsonschema.validate(json.loads(shaped.output_text), schema)
    for name, value in {"previous_response_id": "resp_1", "store": True, "background": True}.items():
        try:
            client.responses.create(model="words", input="cat", **{name: value})
            raise AssertionError(f"{name} was accepted")
        except openai.BadRequestError as error:
            assert error.param == name


def embeddings():
    made = client.embeddings.create(model="words", input=["cat", "dog dog"])
    assert all(abs(sum(x * x for x in d.embedding) - 1) < 1e-4 for d in made.data) and len(made.data) == 2
    # An encoder beside it. The client asks for base64 unless it is told otherwise.
    texts = ["rain", "the cats eat fish"]
    packed = client.embeddings.create(model="bert", input=texts)
    plain = client.embeddings.create(model="bert", input=texts, encoding_format="float", dimensions=6)
    assert [len(d.embedding) for d in packed.data + plain.data] == [12, 12, 6, 6] and packed.usage.total_tokens == 10
    scale = sum(x * x for x in packed.data[0].embedding[:6]) ** 0.5
    assert all(abs(x / scale - y) < 1e-5 for x, y in zip(packed.data[0].embedding, plain.data[0].embedding))
    assert len(client.embeddings.create(model="bert", input=[[2, 40, 3], [2, 3]]).data) == 2


def errors():
    error = refused(openai.BadRequestError, extra_body={"logits_processors": []})
    assert error.param == "logits_processors" and error.code == "unsupported_parameter"
    assert refused(openai.NotFoundError, model="gpt-4").code == "model_not_found"
    long = [{"role": "user", "content": "cat " * 20_000}]
    assert refused(openai.BadRequestError, messages=long).code == "context_length_exceeded"
    # More tokens than the context leaves are no fault: the answer ends where it ends, or with the context.
    assert client.chat.completions.create(model="words", messages=messages, max_tokens=10**6, stop=["e"]).choices
    try:
        openai.OpenAI(base_url=base + "/v1", api_key="wrong", max_retries=0).models.list()
        raise AssertionError("a wrong key opened")
    except openai.AuthenticationError as wrong:
        assert wrong.code == "invalid_api_key"


def crowded():
    # Answers that go on are asked for until the queue is full, however fast this machine is.
    extra, running = {"ignore_eos": True}, []
    try:
        while len(running) < 500:
            running.append(client.completions.create(model="words", prompt="cat", max_tokens=900, n=4, stream=True, extra_body=extra))
        raise AssertionError("500 answers of 3,600 tokens each were let in")
    except openai.RateLimitError as error:
        assert int(error.response.headers["retry-after"]) >= 1
    for stream in running:
        stream.close()
    idle()
    refusals, answers = [], []

    def one(seed):
        try:
            answers.append(client.completions.create(model="words", prompt="cat", max_tokens=60, n=4, seed=seed, extra_body=extra))
        except openai.RateLimitError as error:
            refusals.append(error)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(24)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(refusals) + len(answers) == 24 and answers, (len(refusals), len(answers))
    assert all(int(e.response.headers["retry-after"]) >= 1 for e in refusals)
    idle()


def rewards():
    made = json.loads(post("/v1/score", {"prompt": "cat", "completion": [" dog", " fox"]}))
    assert len(made["data"]) == 2 and made["data"][0]["score"] != made["data"][1]["score"]


def monitoring():
    assert json.loads(get("/health"))["status"] == "ok" and json.loads(get("/version"))["version"]
    assert len(json.loads(get("/slots"))) == 4
    assert "/v1/chat/completions" in json.loads(get("/openapi.json"))["paths"]
    assert json.loads(get("/tokenizer_info"))["eos_token"]


for check in [models, chat, streaming, cancellation, texts, schemas, tools, responses, embeddings, errors, crowded, rewards, monitoring]:
    check()
    print(check.__name__, flush=True)
