"""OpenAI's Responses API as another wire for chat: the same requests in, the same answers and chunks out."""
