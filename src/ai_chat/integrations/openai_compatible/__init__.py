"""Any server that speaks OpenAI's API: Ollama, vLLM, LM Studio, llama.cpp …"""
