"""A chat relay as FastAPI's and httpx's documentation lead to: async generators, one JSON decoding and encoding a token.

No sign-in, no database, no quota; it only keeps the text, as a program would that is to save it.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

UPSTREAM = os.environ["UPSTREAM"]


class Message(BaseModel):
    """What a person sends."""

    model: str
    content: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # httpx stops at 100 connections unless told otherwise.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits, timeout=httpx.Timeout(60, pool=None)) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/message")
async def send_message(message: Message, request: Request) -> StreamingResponse:
    """Streams the model's answer."""
    return StreamingResponse(answer(request.app.state.client, message), media_type="text/event-stream")


async def answer(client: httpx.AsyncClient, message: Message) -> AsyncIterator[str]:
    body = {"model": message.model, "messages": [{"role": "user", "content": message.content}], "stream": True}
    text = []
    async with client.stream("POST", f"{UPSTREAM}/chat/completions", json=body) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if not line.startswith("data: "):
                continue
            data = line[6:]
            if data == "[DONE]":
                break
            chunk = json.loads(data)
            delta = chunk["choices"][0]["delta"].get("content")
            if delta:
                text.append(delta)
                yield f"data: {json.dumps({'type': 'delta', 'delta': delta})}\n\n"
    yield f"data: {json.dumps({'type': 'done', 'done': True, 'length': len(''.join(text))})}\n\n"
