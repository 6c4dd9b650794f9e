// The model's words as they come, over the routes of OpenAI's interface.
import { data } from "./studio.js";

/** Calls `on(index, text, logprobs)` for each piece of each sample; ends when all have. */
export async function stream(request, on, signal) {
  const response = await fetch("/v1/chat/completions", {
    method: "POST", signal, headers: { "Content-Type": "application/json", "X-CSRF-Token": data.csrf },
    body: JSON.stringify({ ...request, stream: true }),
  });
  if (!response.ok) {
    const document = await response.json().catch(() => ({}));
    throw new Error(document.error?.message ?? `The model's server answered ${response.status}.`);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      const chunk = JSON.parse(line.slice(6));
      if (chunk.error) throw new Error(chunk.error.message);
      for (const choice of chunk.choices ?? []) {
        const text = (choice.delta?.reasoning_content ?? "") + (choice.delta?.content ?? "");
        if (text || choice.logprobs) on(choice.index, text, choice.logprobs?.content ?? []);
      }
    }
  }
}

/** A prompt as the messages of a conversation. */
export const messagesOf = (prompt) => typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt.messages ?? prompt;
