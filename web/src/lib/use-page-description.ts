import { useEffect } from "react";

/** What a search engine says of a page. Pages for oneself have none. */
export function usePageDescription(description: string) {
  useEffect(() => {
    const meta = document.createElement("meta");
    meta.name = "description";
    meta.content = description;
    document.head.append(meta);
    return () => meta.remove();
  }, [description]);
}
