#!/usr/bin/env python3
"""Golden renderings of chat templates, by `transformers` (Jinja2 in its sandbox, with its settings).

Run: python make_template_fixtures.py        (rewrites templates.json beside it)

The templates are written for these tests after the shapes that published models' templates have; none is copied.
"""
import datetime
import json
import os

import jinja2
import transformers
from transformers.utils import chat_template_utils

HERE = os.path.dirname(os.path.abspath(__file__))


class FixedClock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 7, 9, 5, 2)


chat_template_utils.datetime = FixedClock

CHATML = """{% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{% endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
"""

LLAMA2 = """{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = messages[0]['content'] %}\
{% else %}{% set rest = messages %}{% set system = false %}{% endif %}\
{% for message in rest %}\
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}\
{{ raise_exception('Roles must alternate user/assistant/user/assistant/...') }}{% endif %}\
{% if loop.index0 == 0 and system != false %}{% set content = '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n' + message['content'] %}\
{% else %}{% set content = message['content'] %}{% endif %}\
{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}\
{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"""

LLAMA3 = """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_in_user_message is defined %}
    {%- set tools_in_user_message = true %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{#- The system message comes out first. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {{- "You may call these functions:\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- if tools_in_user_message and not tools is none %}
    {%- if messages | length != 0 %}
        {%- set first_user_message = messages[0]['content']|trim %}
        {%- set messages = messages[1:] %}
    {%- else %}
        {{- raise_exception("Cannot put tools in the first user message when there's no first user message!") }}
{%- endif %}
    {{- '<|start_header_id|>user<|end_header_id|>\\n\\n' -}}
    {{- "Respond in the format {\\"name\\": function name, \\"parameters\\": values}.\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
    {{- first_user_message + "<|eot_id|>"}}
{%- endif %}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("Only one tool call at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MISTRAL = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace(index=0) %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, roles must alternate") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}
                    {{- ", " }}
                {%- else %}
                    {{- "]" }}
                {%- endif %}
            {%- endfor %}
            {{- "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}
        {{- "[TOOL_CALLS] [" }}
        {%- for tool_call in message.tool_calls %}
            {%- set out = tool_call.function|tojson %}
            {{- out[:-1] }}
            {%- if not tool_call.id is defined or tool_call.id|length != 9 %}
                {{- raise_exception("Tool call IDs should be alphanumeric strings with length 9!") }}
            {%- endif %}
            {{- ', "id": "' + tool_call.id + '"}' }}
            {%- if not loop.last %}
                {{- ", " }}
            {%- else %}
                {{- "]" + eos_token }}
            {%- endif %}
        {%- endfor %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- elif message["role"] == "tool" %}
        {%- if message.content is defined and message.content.content is defined %}
            {%- set content = message.content.content %}
        {%- else %}
            {%- set content = message.content %}
        {%- endif %}
        {{- '[TOOL_RESULTS] {"content": ' + content|string + ", " }}
        {{- '"call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported") }}
    {%- endif %}
{%- endfor %}
"""

GEMMA = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\\n\\n' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate") }}
    {%- endif -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\\n'}}
{%- endif -%}
"""

PHI3 = """{% for message in messages %}{% if message['role'] == 'system' and message['content'] %}{{'<|system|>\\n' + message['content'] + '<|end|>\\n'}}\
{% elif message['role'] == 'user' %}{{'<|user|>\\n' + message['content'] + '<|end|>\\n'}}\
{% elif message['role'] == 'assistant' %}{{'<|assistant|>\\n' + message['content'] + '<|end|>\\n'}}{% endif %}{% endfor %}\
{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% else %}{{ eos_token }}{% endif %}"""

QWEN = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\nThe functions are within <tools></tools>:\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools>\\n\\nFor each call return JSON:\\n<tool_call>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}\\n</tool_call><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {%- set content = message.content %}
        {%- if message.role == "assistant" and '</think>' in content %}
            {%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- if loop.index0 > ns.last_query_index %}
                {%- set content = '<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content %}
            {%- endif %}
        {%- endif %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {%- if tool_call.function is defined %}
                {%- set tool_call = tool_call.function %}
            {%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' }}
            {{- tool_call.name }}
            {{- '", "arguments": ' }}
            {{- tool_call.arguments | tojson }}
            {{- '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""

ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

GENERATION = """{% for message in messages %}
{% if message.role == 'assistant' %}
<|assistant|>{% generation %}{{ message.content }}{{ eos_token }}{% endgeneration %}

{% else %}
<|{{ message.role }}|>{{ message.content }}
{% endif %}
{% endfor %}
"""

MACROS = """{%- macro render_type(spec, required=false) -%}
    {%- if spec.type == "array" -%}
        {%- if spec['items'] -%}{{ render_type(spec['items']) + "[]" }}{%- else -%}any[]{%- endif -%}
    {%- elif spec.enum is defined -%}
        {{ spec.enum | map('tojson') | join(" | ") }}
    {%- elif spec.type == "object" -%}
        {{ "{" }}{%- for name, inner in spec.properties.items() %}{{ name }}: {{ render_type(inner) }}{% if not loop.last %}, {% endif %}{% endfor %}{{ "}" }}
    {%- else -%}
        {{ spec.type }}
    {%- endif -%}
    {%- if required %} (required){% endif -%}
{%- endmacro -%}
{%- macro render_tools(tools) -%}
namespace functions {
{% for tool in tools %}
// {{ tool.function.description | default("no description", true) | indent(4) }}
type {{ tool.function.name }} = (_: {
{%- for name, spec in tool.function.parameters.properties | dictsort %}

  {{ name }}{{ "" if name in tool.function.parameters.required else "?" }}: {{ render_type(spec, required=name in tool.function.parameters.required) }},
{%- endfor %}

}) => any;
{% endfor %}
}
{%- endmacro -%}
{%- if tools %}{{ render_tools(tools) }}{% endif %}
{%- for message in messages | rejectattr("role", "equalto", "system") %}
[{{ loop.index }}/{{ loop.length }} {{ message.role | capitalize }}] {{ message.content | default("", true) | replace("\\n", "\\\\n") }}
{%- endfor %}
"""

TEMPLATES = {
    "chatml": CHATML, "llama2": LLAMA2, "llama3": LLAMA3, "mistral": MISTRAL, "gemma": GEMMA, "phi3": PHI3, "qwen": QWEN,
    "zephyr": ZEPHYR, "generation": GENERATION, "macros": MACROS,
}

WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "Weather of a city,\nnow or later", "parameters": {
        "type": "object", "properties": {
            "city": {"type": "string", "description": "Where — e.g. Zürich"},
            "days": {"type": "array", "items": {"type": "integer"}},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "options": {"type": "object", "properties": {"wind": {"type": "boolean"}}}},
        "required": ["city"]}, "return": {"type": "string"}}}
CLOCK = {"type": "function", "function": {
    "name": "now", "description": "", "parameters": {"type": "object", "properties": {}, "required": []}}}

CONVERSATIONS = [
    [{"role": "user", "content": "Hello!"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "  What is 2+2? \n"},
     {"role": "assistant", "content": " 4 "}, {"role": "user", "content": "And 日本語 😀 <b>\"quoted\"</b>?"}],
    [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
    [{"role": "user", "content": "Weather?"},
     {"role": "assistant", "content": None, "tool_calls": [
         {"id": "abcdefghi", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": [1, 2]}}}]},
     {"role": "tool", "name": "get_weather", "tool_call_id": "abcdefghi", "content": "{\"temperature\": 21.5}"},
     {"role": "assistant", "content": "<think>\nIt is warm.\n</think>\n\nIt is 21.5 °C."}],
    [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What is this? "}]}],
    [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "first\nsecond"}, {"role": "user", "content": "more"},
     {"role": "assistant", "content": "done"}],
]

VARIABLES = {"bos_token": "<s>", "eos_token": "</s>"}

# One language feature each: (template, variables).
DATA = {"xs": [3, 1, 2], "names": ["b", "A", "c"], "d": {"k": 1, "a": [1, 2.5, None, True], "z": "é\"'<&>"},
        "s": "  héllo wörld\nsecond line  ", "e": "", "n": None, "f": 2.0, "t": True,
        "rows": [{"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": "y"}}, {"b": {"c": "x"}}]}
SNIPPETS = r"""
{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ 2 ** 10 }} {{ 2 ** 0.5 }} {{ 1.5 * 2 }}
{{ 2 ** -1 }} {{ 7.5 // 2 }} {{ 7.5 % 2 }} {{ -f }} {{ 1e20 }} {{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1_000 }}
{{ "a" ~ 1 ~ none ~ true ~ 1.5 ~ [1, "x"] ~ {"k": "v"} ~ (1,) ~ (1, 2) }}
{{ "a" + "b" }} {{ "ab" * 3 }} {{ [1] + [2, 3] }} {{ "it's" ~ ["it's", 'say "x"', "both'\""] }}
{{ 1 < 2 < 3 }} {{ 1 < 2 > 5 }} {{ 1 == 1.0 }} {{ "a" < "b" }} {{ [1, 2] < [1, 3] }} {{ true == 1 }} {{ "1" == 1 }}
{{ 1 in xs }} {{ 9 not in xs }} {{ "hé" in s }} {{ "k" in d }} {{ "" in "abc" }} {{ not 1 in xs }}
{{ missing }}|{{ missing is defined }}|{{ missing | default("x") }}|{{ e | default("y") }}|{{ e | default("y", true) }}|{{ d.nope }}|{{ d["nope"] is undefined }}
{{ missing.attribute }}
{{ missing + 1 }}
{{ missing() }}
{{ xs[0] }} {{ xs[-1] }} {{ xs[9] }} {{ xs[1:] }} {{ xs[:-1] }} {{ xs[::-1] }} {{ xs[::2] }} {{ s[2:5] }} {{ s[-4:] }} {{ xs[5:2] }} {{ xs[-9:9] }} {{ "abc"[::-1] }} {{ xs[1:][0] }}
{{ d.k }} {{ d["k"] }} {{ d.a[1] }} {{ d.a }} {{ d }} {{ d.items() | list }} {{ d.keys() | list }} {{ d.values() | list }} {{ d.get("q", 7) }} {{ d.get("q") }}
{{ "yes" if t else "no" }} {{ "yes" if n }}| {{ "a" if n else "b" if e else "c" }}
{{ t and "x" }} {{ n or "z" }} {{ not n }} {{ n and missing }} {{ xs and 5 }}
{% if n %}1{% elif xs %}2{% else %}3{% endif %}
{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ x }};{% endfor %}
{% for x in xs %}{{ loop.previtem }}<{{ x }}<{{ loop.nextitem }} {{ loop.cycle("odd", "even") }};{% endfor %}
{% for x in [] %}x{% else %}none{% endfor %}{% for x in missing %}x{% else %}missing{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{% for c in "héy" %}[{{ c }}]{% endfor %}
{% for x in xs if x > 1 %}{{ x }}/{{ loop.length }};{% endfor %}
{% for x in range(5) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in xs %}{% for y in xs %}{{ loop.depth }}{{ x * y }} {% endfor %}{% endfor %}
{% for x in range(3) %}{% for y in range(2) %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}
{{ range(3) | list }} {{ range(1, 4) | list }} {{ range(5, 0, -2) | list }}
{% set x = 1 %}{% for i in xs %}{% set x = i %}{% endfor %}{{ x }}
{% set ns = namespace(x=1, y="a") %}{% for i in xs %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}{{ ns.zzz }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t2 = 1, 2 %}{{ t2 }}{% set (c) = 3 %}{{ c }}
{% set block %}  hi {{ xs[0] }} {% endset %}[{{ block }}]{% set up | upper %}abc{% endset %}{{ up }}
{% if t %}{% set inner = 5 %}{% endif %}{{ inner }}
{% macro m(a, b=2, c="x") %}{{ a }}-{{ b }}-{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c="y") }}{{ m(b=4, a=5) }}{{ m() }}
{% macro m(a) %}{% if a > 0 %}{{ a }}{{ m(a - 1) }}{% endif %}{% endmacro %}{{ m(3) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}
{% macro box(title) %}[{{ title }}: {{ caller() }}]{% endmacro %}{% call box("t") %}body{{ xs[0] }}{% endcall %}
{% macro each(items) %}{% for i in items %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(v) each(xs) %}<{{ v }}>{% endcall %}
{% set g = 1 %}{% macro m() %}{{ g }}{% set g = 2 %}{{ g }}{% endmacro %}{{ m() }}{{ g }}
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}
{% filter upper %}abc {{ xs[0] }}{% endfilter %}{% filter trim | replace("b", "x") %} abc {% endfilter %}
{% raw %}{{ not }} {% rendered %}{% endraw %}!{%- raw -%}  {{ x }}  {%- endraw -%}  !
{# a comment #}a{#- another -#}  b
a {{- " b " -}} c {%- if t -%} d {%- endif -%} e
a   {% if t %}   b   {% endif %}   c
{{ s | trim }}|{{ "xxaxx" | trim("x") }}|{{ s | upper }}|{{ s | lower }}|{{ s | title }}|{{ "hELLO wORLD-foo (bar)" | title }}|{{ "hELLO" | capitalize }}
{{ s | length }} {{ xs | length }} {{ d | length }} {{ "" | length }} {{ d | count }} {{ missing | length }}
{{ 5 | length }}
{{ xs | first }} {{ xs | last }} {{ [] | first }}| {{ "abc" | first }} {{ "abc" | last }} {{ xs | reverse | list }} {{ "abc" | reverse }}
{{ xs | join(", ") }} {{ xs | join }} {{ rows | join("|", attribute="a") }} {{ "abc" | join("-") }}
{{ s | replace("l", "L") }} {{ "aaa" | replace("a", "b", 2) }} {{ "aaa" | replace("", "-") }}
{{ d | tojson }} {{ d.z | tojson }} {{ [1, "a", none, true, 1.5] | tojson }} {{ "日本\u0001\n" | tojson }} {{ 1 | tojson }} {{ {} | tojson }} {{ [] | tojson }}
{{ d | tojson(indent=2) }} {{ [[], {}, [1]] | tojson(indent=4) }}
{{ d | tojson(ensure_ascii=true) }} {{ {"b": 1, "a": 2} | tojson(sort_keys=true) }} {{ [1, {"a": 2}] | tojson(separators=(",", ":")) }}
{{ missing | tojson }}
{{ rows | map(attribute="a") | list }} {{ rows | map(attribute="b.c") | list }} {{ rows | map(attribute="a", default=0) | list }} {{ names | map("upper") | list }} {{ names | map("replace", "b", "x") | list }}
{{ rows | selectattr("a") | list | length }} {{ rows | selectattr("a", "equalto", 2) | list }} {{ rows | rejectattr("a", "defined") | list | length }} {{ rows | selectattr("b.c", "eq", "x") | list | length }} {{ rows | selectattr("a", "in", [1]) | map(attribute="a") | list }}
{{ xs | select("odd") | list }} {{ xs | reject("odd") | list }} {{ xs | select("gt", 1) | list }} {{ [0, 1, "", "a"] | select | list }} {{ xs | select("divisibleby", 3) | list }}
{{ xs | sort }} {{ xs | sort(reverse=true) }} {{ names | sort }} {{ names | sort(case_sensitive=true) }} {{ rows[:2] | sort(attribute="a", reverse=true) | map(attribute="a") | list }}
{{ d | dictsort }} {{ {"b": 1, "a": 2} | dictsort(by="value") }} {{ {"b": 1, "A": 2} | dictsort(true) }}
{{ d | items | list }} {{ missing | items | list }} {{ d | list }} {{ "abc" | list }} {{ [1, 1, 2, "a", "A"] | unique | list }}
{{ xs | sum }} {{ xs | max }} {{ xs | min }} {{ rows[:2] | sum(attribute="a") }} {{ [1.5, 2] | sum }} {{ names | max }}
{{ "42" | int }} {{ "x" | int }} {{ "x" | int(7) }} {{ 3.9 | int }} {{ "3.9" | int }} {{ "1.5" | float }} {{ -3 | abs }} {{ 2.567 | round(2) }} {{ 2.5 | round }} {{ 2.1 | round(0, "ceil") }} {{ true | int }} {{ none | int }}
{{ 5 | string ~ "x" }} {{ [1] | string | length }} {{ "a b  c" | wordcount }}
{{ "a\nb\n\nc" | indent }}|{{ "a\nb\n\nc" | indent(2, true) }}|{{ "a\nb\n\nc" | indent(2, false, true) }}|{{ "a\nb" | indent("> ") }}|{{ "a\n" | indent }}
{{ "<a href='x'>&\"" | e }} {{ "<b>" | safe }} {{ "%s is %d" | format("x", 5) }} {{ xs | batch(2) | list }} {{ xs | batch(2, 0) | list }}
{{ 5 | nofilter }}
{{ s.strip() }}|{{ s.lstrip() }}|{{ s.rstrip() }}|{{ "xxa".lstrip("x") }}|{{ s.upper() }}|{{ "they're bill's".title() }}|{{ "aBC dEF".capitalize() }}
{{ s.split() }} {{ "a,b,,c".split(",") }} {{ "a,b,c".split(",", 1) }} {{ " a  b c ".split(none, 1) }} {{ "a,b,c".rsplit(",", 1) }} {{ "a\nb\r\nc\n".splitlines() }}
{{ s.startswith("  h") }} {{ s.endswith("  ") }} {{ "abc".startswith(("x", "a")) }} {{ "abc".replace("b", "x") }} {{ "aaa".replace("a", "b", 1) }} {{ "abc".find("c") }} {{ "abc".find("z") }} {{ "aXbX".rfind("X") }} {{ "banana".count("an") }}
{{ ",".join(["a", "b"]) }} {{ "12".isdigit() }} {{ "1a".isdigit() }} {{ "ab".isalpha() }} {{ " ".isspace() }} {{ "AB".isupper() }} {{ "ab".islower() }} {{ "prefix-x".removeprefix("prefix-") }} {{ "x.y".removesuffix(".y") }} {{ xs.index(1) }} {{ xs.count(1) }}
{{ xs.append(4) }}
{{ n is none }} {{ n is not none }} {{ s is string }} {{ d is mapping }} {{ xs is sequence }} {{ xs is iterable }} {{ d is iterable }} {{ 5 is iterable }} {{ 5 is number }} {{ 5.0 is float }} {{ 5 is integer }} {{ true is boolean }} {{ true is true }} {{ 1 is true }} {{ false is false }} {{ true is number }} {{ true is integer }}
{{ 4 is even }} {{ 4 is odd }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(4) }} {{ 1 is in xs }} {{ 1 is in [2] }} {{ 3 is eq 3 }} {{ 3 is equalto(4) }} {{ 3 is gt 2 }} {{ 3 is sameas 3 }} {{ "abc" is lower }} {{ "ABC" is upper }} {{ range is callable }} {{ 3 is ne 4 }} {{ 2 is lt 3 and 3 is le 3 and 3 is ge 3 }}
{{ raise_exception("no") }}
{{ strftime_now("%Y-%m-%d %H:%M:%S %b %B %d %j") }}
{{ dict(b=1, a=2) }} {{ dict({"x": 1}, y=2) }} {{ {"a": 1}["a"] }} {{ {1: "x"}[1] }} {{ [[1, 2], [3]][0][1] }}
{{ "a" "b" 'c' }} {{ 'it''s' }} {{ "tab\there \u00e9 \x41 \d" }}
{{ (1 + 2) * 3 }} {{ not (t and n) }} {{ (xs | length) - 1 }} {{ xs | length - 1 }} {{ -xs[0] | abs }} {{ "a" ~ "b" | upper }} {{ ("a" ~ "b") | upper }}
{{ true }} {{ True }} {{ none }} {{ None }} {{ false }} {{ [] }} {{ {} }} {{ () }}
{% if xs is defined and xs | length > 2 and not e %}ok{% endif %}{% if "x" not in d and d.k == 1 %}ok{% endif %}
{% for x in xs %}
{{ x }}
{% endfor %}
{% for m in [{"role": "user"}, {"role": "x"}] %}{{ m.role if m.role is defined else "?" }}{{ "," if not loop.last }}{% endfor %}
{% set arr = [] %}{% for x in xs %}{% set arr = arr + [x] %}{% endfor %}{{ arr }}
{% unknown %}
{% if t %}never closed
{{ 1 / 0 }}
{{ "a" < 1 }}
{{ "a" + 1 }}
{{ [1, 2 }}
{{ loop }}
{{ xs.0 }} {{ d.a.1 }}
{% set d2 = {"x": {"y": [1, {"z": "deep"}]}} %}{{ d2.x.y[1].z }} {{ d2["x"]["y"][-1]["z"] }}
{%+ if t +%} kept {%+ endif %}
{{ s | trim | upper | replace("\n", " ") | length }}
{{ "%.2f" | format(3.14159) if false else "skipped" }}
{{ [1, 2, 3] | last }} {{ (1, 2, 3) | first }} {{ [x for x in xs] }}
{{ "é" | length }} {{ "👩‍👩‍👧" | length }} {{ "e\u0301" == "\u00e9" }}
{{ names | map("length") | sum }} {{ rows | map(attribute="b") | map(attribute="c") | unique | join(",") }}
{% for x in missing %}x{% endfor %}{% for x in d.nope %}x{% endfor %}{% for k, v in missing | items %}x{% endfor %}{{ missing | list }}{{ missing | join(",") }}{{ missing | map(attribute="a") | list }}{{ missing | selectattr("a") | list }}{{ missing | sort }}ok
{% for x in none %}x{% endfor %}
{% if false %}{{ 5 | nofilter }}{{ 5 is notest }}{% endif %}{{ "x" if true else (5 | nofilter) }}ok
{% if true %}{{ 5 | nofilter }}{% endif %}ok
{{ 5 is notest }}
{{ "{} is {}".format("x", 5) }} {{ "{0}{1}{0}".format("a", "b") }} {{ "{name}".format(name="n") }} {{ "{:>5}|{:<4}|{:^5}|{:03d}|{:.2f}|{:,}|{:+d}|{:x}|{:*^7}|{:.1%}".format("a", "b", "c", 7, 3.14159, 1234567, 5, 255, "m", 0.256) }} {{ "{{}}".format() }}
{{ "{0[k]} {0[a][1]} {!r} {!s:>3}".format(d, "b") if false else "{0[k]} {1!r}".format(d, "b") }}
{{ "{}".format() }}
{{ "{".format(1) }}
{% macro f(a, b=2, c=3) %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ f(*xs) }}{{ f(*[1]) }}{{ f(1, *[5, 6]) }}{{ f(**{"a": 1, "c": 9}) }}{{ f(*[1], **{"c": 5}) }}
{{ dict(**d) }} {{ "a".join(*[["x", "y"]]) }} {{ range(*[1, 4]) | list }}
{{ "<b>" | safe }} {{ ("a" | safe) ~ "b" }} {{ "a" | safe | upper }} {{ "x" | safe is string }} {{ xs | tojson | safe }}
{{ "%s-%05d-%.3f-%x-%5s|%-5s|%c%%" | format("a", 42, 2.5, 255, "r", "l", "z") }} {{ "%s %s" % ("a", 1) }} {{ "%d" % 5 }} {{ "%s" % "x" }} {{ "%(a)s" % {"a": 1} }}
{{ "a b/é" | urlencode }} {{ "<p>hi  <b>you</b></p>" | striptags }} {{ "hello world foo" | truncate(8) }} {{ "hello world foo" | truncate(8, true) }} {{ "hello" | center(11) }}|
{{ xs | slice(2) | list }} {{ [1, 2, 3, 4, 5] | slice(3, "x") | list }} {{ rows | groupby("b.c") }} {{ xs | pprint }} {{ "<" | forceescape }}
{{ "abc".zfill(5) }} {{ "-5".zfill(4) }} {{ "abc".center(7, "*") }} {{ "abc".center(6) }}| {{ "abc".ljust(5) }}| {{ "abc".rjust(5, ".") }} {{ "a-b".partition("-") }} {{ "a-b-c".rpartition("-") }} {{ "ab".partition("-") }} {{ "aBc".swapcase() }} {{ "a1".isalnum() }} {{ "5".isnumeric() }} {{ "é".isascii() }} {{ "ABC".casefold() }}
{% for x in xs recursive %}{{ x }}{% endfor %}{% for n in [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]}] recursive %}{{ n.v }}@{{ loop.depth }}{{ loop.depth0 }}{% if n.c %}({{ loop(n.c) }}){% endif %}{% endfor %}
{% for x in xs %}{{ loop(xs) }}{% endfor %}
{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% set ns = namespace() %}{% set ns.b, c = 2, 3 %}{{ ns.b }}{{ c }}
{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }} {% endfor %}
{% macro v() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ v(1, 2, a=3) }}
{% block main %}in {{ xs[0] }}{% endblock %}{% block other %}{% endblock other %}
{{ 0x1F }} {{ 0b11 }} {{ 0o17 }} {{ [0] * 3 }} {{ (1,) * 2 }}
{{ "ff" | int(0, 16) }} {{ "0x1f" | int(0, 16) }} {{ 2.675 | round(2) }} {{ 1234.5 | round(-2) }} {{ 2.5 | round(0, "floor") }} {{ 3 | round }} {{ 0.5 | round }}
{{ none | selectattr("a") | list | length }} {{ none | map("upper") | list }} {{ none | rejectattr("a", "equalto", 1) | list }} {{ 0 | select | list }}
{{ none | sort }}
"""


def render(source, messages, tools=None, add_generation_prompt=False, **variables):
    compiled = chat_template_utils._compile_jinja_template(source)
    return compiled.render(messages=messages, tools=tools, documents=None, add_generation_prompt=add_generation_prompt,
                           **variables)


def attempt(action):
    try:
        return {"text": action()}
    except Exception as error:  # noqa: BLE001 - any refusal counts
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    cases = []
    for name, source in TEMPLATES.items():
        for messages in CONVERSATIONS:
            for tools in (None, [WEATHER], [WEATHER, CLOCK]):
                if tools and name not in ("llama3", "mistral", "qwen", "macros"):
                    continue
                for prompt in (False, True):
                    case = {"template": name, "messages": messages, "tools": tools, "add_generation_prompt": prompt}
                    case.update(attempt(lambda: render(source, messages, tools, prompt, **VARIABLES)))
                    if name == "generation" and "text" in case:
                        _, spans = chat_template_utils.render_jinja_template(
                            [messages], chat_template=source, return_assistant_tokens_mask=True, **VARIABLES)
                        text = case["text"]
                        case["generations"] = [
                            [len(text[:a].encode()), len(text[:b].encode())] for a, b in spans[0]]
                    cases.append(case)
    snippets = []
    blocks = SNIPPETS.strip("\n").split("\n")
    # A loop over lines takes several.
    joined, held = [], None
    for line in blocks:
        if held is not None:
            held += "\n" + line
            if "endfor" in line:
                joined.append(held)
                held = None
        elif line == "{% for x in xs %}":
            held = line
        else:
            joined.append(line)
    for source in joined:
        snippets.append({"source": source, **attempt(lambda: render(source, [], **DATA))})
    value = {
        "versions": {"jinja2": jinja2.__version__, "transformers": transformers.__version__},
        "variables": VARIABLES, "templates": TEMPLATES, "cases": cases,
        "data": DATA, "snippets": snippets,
    }
    with open(os.path.join(HERE, "templates.json"), "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, indent=1)
        f.write("\n")
    errors = [s["source"] + "  ->  " + s["error"] for s in snippets if "error" in s]
    print(len(cases), "cases,", len(snippets), "snippets, refused:", *errors, sep="\n  ")


if __name__ == "__main__":
    main()
