// A chat relay in plain Node: fetch, parse, emit again. No sign-in, no database, no quota.
import { createServer } from "node:http";

const upstream = process.env.UPSTREAM;

async function readJson(request) {
  let body = "";
  for await (const piece of request) body += piece;
  return JSON.parse(body);
}

async function relay(request, response) {
  const { model, content } = await readJson(request);
  const answer = await fetch(`${upstream}/chat/completions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content }], stream: true }),
  });
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  const decoder = new TextDecoder();
  let rest = "";
  let text = "";
  for await (const bytes of answer.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ")) continue;
      const data = line.slice(6);
      if (data === "[DONE]") continue;
      const delta = JSON.parse(data).choices[0]?.delta?.content;
      if (!delta) continue;
      text += delta;
      response.write(`data: ${JSON.stringify({ type: "delta", delta })}\n\n`);
    }
  }
  response.end(`data: ${JSON.stringify({ type: "done", done: true, length: text.length })}\n\n`);
}

createServer((request, response) => {
  relay(request, response).catch(() => response.destroy());
}).listen(Number(process.env.PORT), "127.0.0.1");
