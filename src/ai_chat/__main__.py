"""`python -m ai_chat` and the `ai-chat` command."""

from ai_chat.cli import main

if __name__ == "__main__":
    main()
