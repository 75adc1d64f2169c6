// Vercel's AI SDK against the server, over its providers for OpenAI (chat and responses), Anthropic and OpenRouter.
// Prints one JSON object a line: {name, value} or {name, error}.
import {
  embedMany,
  experimental_generateSpeech as speak,
  experimental_transcribe as transcribe,
  generateImage,
  generateText,
  Output,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenRouter } from "@openrouter/ai-sdk-provider";
import { z } from "zod";

const env = process.env;
const openai = createOpenAI({ baseURL: env.OPENAI_BASE_URL, apiKey: "sk-fake" });
const anthropic = createAnthropic({ baseURL: `${env.ANTHROPIC_BASE_URL}/v1`, apiKey: "sk-fake" });
const openrouter = createOpenRouter({ baseURL: env.OPENROUTER_BASE_URL, apiKey: "sk-fake" });
const models = {
  chat: openai.chat("gpt-5-mini"),
  responses: openai.responses("gpt-5-mini"),
  anthropic: anthropic("claude-haiku-4-5"),
  openrouter: openrouter.chat("meta-llama/llama-4-scout"),
};
const weather = tool({
  description: "The weather in a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sunny in ${city}`,
});
const User = z.object({ name: z.string(), age: z.number() });

async function read(result) {
  let text = "";
  for await (const part of result.textStream) text += part;
  return text;
}

const cases = {};
for (const [name, model] of Object.entries(models)) {
  const ask = (prompt, more) => ({ model, prompt, maxRetries: 0, ...more });
  cases[`${name} plain`] = async () => (await generateText(ask("hello"))).text;
  cases[`${name} usage`] = async () => (await generateText(ask("hello"))).usage.totalTokens;
  cases[`${name} streamed`] = async () => read(streamText(ask("hello")));
  cases[`${name} tool`] = async () => {
    const done = await generateText(ask("tool please", { tools: { weather }, stopWhen: stepCountIs(3) }));
    return [done.steps.length, done.steps[0].toolCalls[0].input.city, done.text];
  };
  cases[`${name} tool streamed`] = async () =>
    read(streamText(ask("tool please", { tools: { weather }, stopWhen: stepCountIs(3) })));
  cases[`${name} object`] = async () => (await generateText(ask("json please", { output: Output.object({ schema: User }) }))).output;
  cases[`${name} limit`] = async () => generateText(ask("limit me")).catch((error) => [error.name, error.statusCode]);
  cases[`${name} cut`] = async () => {
    let failed = false;
    const result = streamText(ask("cut me", { onError: () => (failed = true) }));
    try {
      await read(result);
    } catch {
      failed = true;
    }
    return failed;
  };
}
cases.embeddings = async () =>
  (await embedMany({ model: openai.embedding("text-embedding-3-small"), values: ["a", "b"] })).embeddings.map((v) => v.length);
cases.image = async () => (await generateImage({ model: openai.image("gpt-image-1"), prompt: "a fox" })).image.mediaType;
cases.speech = async () => (await speak({ model: openai.speech("tts-1"), text: "hi", outputFormat: "wav" })).audio.uint8Array.length > 0;
cases.transcription = async () =>
  (await transcribe({ model: openai.transcription("whisper-1"), audio: new Uint8Array([82, 73, 70, 70]) })).text;

for (const [name, run] of Object.entries(cases)) {
  try {
    console.log(JSON.stringify({ name, value: await run() }));
  } catch (error) {
    console.log(JSON.stringify({ name, error: `${error.name}: ${error.message}` }));
  }
}
