// The vendors' own clients for Node, against the server; prints one JSON object a line: {name, value} or {name, error}.
import OpenAI from "openai";
import Anthropic from "@anthropic-ai/sdk";

const openai = new OpenAI({ maxRetries: 0 });
const openrouter = new OpenAI({ maxRetries: 0, baseURL: process.env.OPENROUTER_BASE_URL });
const anthropic = new Anthropic({ maxRetries: 0 });
const ask = (content) => [{ role: "user", content }];
const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } }];

async function read(stream) {
  let text = "";
  try {
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  } catch (error) {
    return { text, error: error.constructor.name };
  }
  return text;
}

const chat = (client, content, more) =>
  client.chat.completions.create({ model: "gpt-5-mini", messages: ask(content), ...more });
const message = (content, more) => ({ model: "claude-haiku-4-5", max_tokens: 100, messages: ask(content), ...more });

const cases = {
  "openai plain": async () => (await chat(openai, "hello")).choices[0].message.content,
  "openai streamed": async () => read(await chat(openai, "hello", { stream: true })),
  "openai tool": async () =>
    (await openai.chat.completions.stream({ model: "gpt-5-mini", messages: ask("tool please"), tools }).finalChatCompletion())
      .choices[0].message.tool_calls[0].function.name,
  "openai cut": async () => read(await chat(openai, "cut me", { stream: true })),
  "openai limit": async () => chat(openai, "limit me").catch((error) => [error.constructor.name, error.status]),
  "openai embedding": async () =>
    (await openai.embeddings.create({ model: "text-embedding-3-small", input: "a" })).data[0].embedding.length,
  "openai retry": async () =>
    (await new OpenAI({ maxRetries: 1 }).chat.completions.create({ model: "gpt-5-mini", messages: ask("once more") })).choices[0]
      .message.content,
  "openai left early": async () => {
    for await (const chunk of await chat(openai, "hello", { stream: true })) if (chunk.choices[0].delta.content) break;
    return (await chat(openai, "hello")).choices[0].message.content;
  },
  "openai parallel": async () =>
    (await Promise.all(Array.from({ length: 20 }, () => chat(openai, "hello")))).every(
      (each) => each.choices[0].message.content === "Hello there, world",
    ),
  "openai responses": async () => {
    const stream = openai.responses.stream({ model: "gpt-5-mini", input: "hello" });
    return (await stream.finalResponse()).output_text;
  },
  "openai image": async () => (await openai.images.generate({ model: "gpt-image-1", prompt: "a fox" })).data.length,
  "openai speech": async () =>
    (await (await openai.audio.speech.create({ model: "tts-1", voice: "alloy", input: "hi" })).arrayBuffer()).byteLength > 0,
  "openai transcription": async () =>
    (await openai.audio.transcriptions.create({ model: "whisper-1", file: await OpenAI.toFile(Buffer.from("RIFF"), "a.wav") }))
      .text,
  "openai models": async () => (await openai.models.list()).data.some((each) => each.id === "gpt-5-mini"),
  "openrouter streamed": async () => read(await chat(openrouter, "hello", { stream: true })),
  "anthropic plain": async () => (await anthropic.messages.create(message("hello"))).content[0].text,
  "anthropic streamed": async () => (await anthropic.messages.stream(message("hello")).finalMessage()).content[0].text,
  "anthropic tool": async () =>
    (
      await anthropic.messages
        .stream(message("tool please", { tools: [{ name: "weather", input_schema: { type: "object" } }] }))
        .finalMessage()
    ).content[0].input,
  "anthropic count": async () =>
    (await anthropic.messages.countTokens({ model: "claude-haiku-4-5", messages: ask("hello") })).input_tokens,
  "anthropic models": async () => (await anthropic.models.list()).data.some((each) => each.id === "claude-haiku-4-5"),
  "anthropic limit": async () =>
    anthropic.messages.create(message("limit me")).catch((error) => [error.constructor.name, error.status]),
};

for (const [name, run] of Object.entries(cases)) {
  try {
    console.log(JSON.stringify({ name, value: await run() }));
  } catch (error) {
    console.log(JSON.stringify({ name, error: String(error) }));
  }
}
