#!/usr/bin/env python3
"""Golden conversations with tools, by `transformers`: what a template writes when it gets each message as it expects it.

Run: python make_chat_fixtures.py        (rewrites chats.json beside it)

Clients send one shape (OpenAI's: arguments as text, no content beside calls, identifiers of their own); the templates below
expect several. `wanted` says what each expects, and is all that `transformers` sees. The templates are written for these
tests after the shapes that published models' templates have; none is copied.
"""
import json
import os

import jinja2
import transformers
from transformers.utils import chat_template_utils

HERE = os.path.dirname(os.path.abspath(__file__))

# Arguments joined with text, calls only where there is no content (DeepSeek's reasoning models).
JOINED = """{{ bos_token }}{%- for m in messages %}
{%- if m['role'] == 'user' %}{{- '<|User|>' + m['content'] }}
{%- elif m['role'] == 'assistant' and m['content'] is none %}
  {%- for c in m['tool_calls'] %}
    {%- if loop.first %}{{- '<|Assistant|><|calls_begin|><|call_begin|>' + c['type'] + '<|call_sep|>' }}
    {%- else %}{{- '\\n<|call_begin|>' + c['type'] + '<|call_sep|>' }}{%- endif %}
    {{- c['function']['name'] + '\\n```json\\n' + c['function']['arguments'] + '\\n```<|call_end|>' }}
  {%- endfor %}{{- '<|calls_end|>' + eos_token }}
{%- elif m['role'] == 'assistant' %}{{- '<|Assistant|>' + m['content'].split('</think>')[-1] + eos_token }}
{%- elif m['role'] == 'tool' %}{{- '<|output|>' + m['content'] + '<|output_end|>' }}
{%- endif %}
{%- endfor %}{%- if add_generation_prompt %}{{- '<|Assistant|><think>\\n' }}{%- endif %}"""

# Arguments as an object (Qwen, Hermes).
OBJECT = """{%- if tools %}{{- '<|im_start|>system\\n' }}{%- for t in tools %}{{- t | tojson + '\\n' }}{%- endfor %}{{- '<|im_end|>\\n' }}{%- endif %}
{%- for m in messages %}
{{- '<|im_start|>' + ('user' if m.role == 'tool' else m.role) }}
{%- if m.role == 'tool' %}{{- '\\n<tool_response>\\n' + m.content + '\\n</tool_response>' }}
{%- elif m.content %}{{- '\\n' + m.content }}{%- endif %}
{%- for c in m.tool_calls %}
{{- '\\n<tool_call>\\n{"name": "' + c.function.name + '", "arguments": ' }}{{- c.function.arguments | tojson }}{{- '}\\n</tool_call>' }}
{%- endfor %}{{- '<|im_end|>\\n' }}
{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""

# Either, and no content is an error.
EITHER = """{%- for m in messages %}
{{- '<|im_start|>' + m.role + '\\n' + m.content }}
{%- if m.tool_calls is defined %}{%- for c in m.tool_calls %}
{{- '<tool_call>{"name": "' + c.function.name + '", "arguments": ' }}
{%- if c.function.arguments is string %}{{- c.function.arguments }}{%- else %}{{- c.function.arguments | tojson }}{%- endif %}
{{- '}</tool_call>' }}{%- endfor %}{%- endif %}{{- '<|im_end|>\\n' }}
{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"""

# Arguments member by member, without JSON (Qwen's coders).
MEMBERS = """{%- for m in messages %}
{{- '<|im_start|>' + m.role + '\\n' }}{%- if m.content is string %}{{- m.content }}{%- endif %}
{%- for c in m.tool_calls | default([]) %}
{{- '\\n<tool_call>\\n<function=' + c.function.name + '>\\n' }}
{%- for key, value in c.function.arguments | items %}
{{- '<parameter=' + key + '>\\n' }}{{- value | tojson if value is mapping or (value is sequence and value is not string) else value | string }}{{- '\\n</parameter>\\n' }}
{%- endfor %}{{- '</function>\\n</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}
{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}{%- endif %}"""

# Arguments printed as they are, which suits text alone.
PRINTED = """{%- for m in messages %}{{ '[' ~ m.role ~ ']' }}
{%- if m.content %}{{ m.content }}{%- endif %}
{%- for c in m.tool_calls or [] %}{{ '<function=' ~ c.function.name ~ '>' ~ c.function.arguments ~ '</function>' }}{%- endfor %}{{ eos_token }}
{%- endfor %}{%- if add_generation_prompt %}{{ '[assistant]' }}{%- endif %}"""

# Identifiers of nine letters or digits, and a list of objects (Mistral).
LISTED = """{{- bos_token }}{%- for m in messages %}
{%- if m.role == 'user' %}{{- '[INST] ' + m.content + '[/INST]' }}
{%- elif m.tool_calls is defined and m.tool_calls is not none %}
{{- '[TOOL_CALLS] [' }}{%- for c in m.tool_calls %}
{%- if c.id is not defined or c.id | length != 9 %}{{- raise_exception('identifiers have nine characters') }}{%- endif %}
{%- set out = c.function | tojson %}{{- out[:-1] + ', "id": "' + c.id + '"}' }}{{- ', ' if not loop.last else ']' + eos_token }}
{%- endfor %}
{%- elif m.role == 'assistant' %}{{- ' ' + m.content + eos_token }}
{%- elif m.role == 'tool' %}
{%- if m.tool_call_id | length != 9 %}{{- raise_exception('identifiers have nine characters') }}{%- endif %}
{{- '[TOOL_RESULTS] {"content": ' + m.content | tojson + ', "call_id": "' + m.tool_call_id + '"}[/TOOL_RESULTS]' }}
{%- endif %}{%- endfor %}"""

# A name, an identifier and arguments (Mistral's later form).
NAMED = """{{- bos_token }}{%- for m in messages %}
{%- if m.role == 'user' %}{{- '[INST]' + m.content + '[/INST]' }}
{%- elif m.role == 'assistant' %}{{- m.content if m.content is string else '' }}
{%- for c in m.tool_calls or [] %}
{%- if c.id | length != 9 %}{{- raise_exception('nine') }}{%- endif %}
{{- '[TOOL_CALLS]' + c.function.name + '[CALL_ID]' + c.id + '[ARGS]' + c.function.arguments | tojson }}{%- endfor %}{{- eos_token }}
{%- elif m.role == 'tool' %}{{- '[TOOL_RESULTS]' + m.tool_call_id + '[TOOL_CONTENT]' + m.content + '[/TOOL_RESULTS]' }}
{%- endif %}{%- endfor %}"""

# One call a turn, and nothing around it (Llama 3).
SINGLE = """{%- for m in messages %}
{%- if m.tool_calls is defined and m.tool_calls | length > 1 %}{{- raise_exception('one call at a time') }}{%- endif %}
{{- '<|start|>' + m.role + '<|end_header|>\\n\\n' }}
{%- if m.tool_calls is defined %}{{- '{"name": "' + m.tool_calls[0].function.name + '", "parameters": ' + m.tool_calls[0].function.arguments | tojson + '}' }}
{%- else %}{{- m.content | trim }}{%- endif %}{{- '<|im_end|>' }}
{%- endfor %}{%- if add_generation_prompt %}{{- '<|start|>assistant<|end_header|>\\n\\n' }}{%- endif %}"""

# name: template, arguments as text, content beside calls, identifiers of nine, the most calls in a turn
KINDS = {
    "joined": (JOINED, True, None, False, 2), "object": (OBJECT, False, None, False, 2),
    "either": (EITHER, False, "", False, 2), "members": (MEMBERS, False, None, False, 2),
    "printed": (PRINTED, True, None, False, 2), "listed": (LISTED, False, None, True, 2),
    "named": (NAMED, False, None, True, 2), "single": (SINGLE, False, None, False, 1),
}
VARIABLES = {"bos_token": "<s>", "eos_token": "</s>"}
CALLS = [("look", {"at": "the sky; a \"sea\" </tool_call>", "zoom": 2}), ("go", {"to": "Zürich", "via": [1, {"a": None}]})]
TOOLS = [
    {"type": "function", "function": {"name": "look", "description": "Look.", "parameters": {
        "type": "object", "properties": {"at": {"type": "string"}, "zoom": {"type": "integer"}}, "required": ["at"]}}},
    {"type": "function", "function": {"name": "go", "description": "Go.", "parameters": {
        "type": "object", "properties": {"to": {"type": "string"}, "via": {"type": "array"}}}}},
]


def render(source, messages, tools=None, add_generation_prompt=False):
    compiled = chat_template_utils._compile_jinja_template(source)
    return compiled.render(
        messages=messages, tools=tools, documents=None, add_generation_prompt=add_generation_prompt, **VARIABLES)


def turn(calls, as_text, content, ids):
    """An assistant's turn that calls."""
    return {"role": "assistant", "content": content, "tool_calls": [
        {"id": ids[i], "type": "function", "function": {
            "name": name, "arguments": json.dumps(args, ensure_ascii=False) if as_text else args}}
        for i, (name, args) in enumerate(calls)]}


def main():
    cases = []
    user = {"role": "user", "content": "What is there?"}
    for name, (source, as_text, content, nine, most) in KINDS.items():
        for count in range(1, most + 1):
            calls = CALLS[:count]
            given_ids = ["abcdef123", "9Zabcdef0"]
            wanted = turn(calls, as_text, content, given_ids)
            results = [{"role": "tool", "tool_call_id": given_ids[i], "content": "blue"} for i in range(count)]
            opening = render(source, [user], TOOLS, True)
            called = render(source, [user, wanted], TOOLS)
            at = len(os.path.commonprefix([opening, called]))
            while at > 0 and called[at - 1] not in "\n]>":
                at -= 1
            cases.append({
                "kind": name, "template": source, "tools": TOOLS, "wants_nine": nine,
                "messages": [user, turn(calls, True, None, given_ids)] + results,
                "text": render(source, [user, wanted] + results, TOOLS, True),
                "opening": opening, "answer": called[at:],
                "calls": [{"name": n, "arguments": a} for n, a in calls],
            })
    value = {
        "versions": {"jinja2": jinja2.__version__, "transformers": transformers.__version__},
        "variables": VARIABLES, "cases": cases,
    }
    with open(os.path.join(HERE, "chats.json"), "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, indent=1)
        f.write("\n")
    for case in cases:
        print(case["kind"], repr(case["answer"]))


if __name__ == "__main__":
    main()
