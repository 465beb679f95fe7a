import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { search } from "@/lib/api/search";
import { keys } from "@/lib/query-keys";

/** Shorter than the pause between two words, longer than that between two letters. */
const PAUSE_MS = 130;
const LONGEST = 500;

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/** What is found of what is being typed; the former hits stay until the new ones are there. */
export function useSearch(text: string) {
  const query = useSettled(text).slice(0, LONGEST);
  const wanted = query.trim() !== "";
  const found = useInfiniteQuery({
    queryKey: keys.search(query),
    queryFn: ({ pageParam, signal }) => search(query, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.cursor,
    enabled: wanted,
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 30_000,
  });
  return {
    ...found,
    hits: wanted ? (found.data?.pages.flatMap((page) => page.hits) ?? []) : [],
    settled: query === text && !found.isPlaceholderData && !(wanted && found.isPending),
  };
}
