import { useEffect } from "react";
import { brand } from "@/lib/brand";

export function usePageTitle(title: string | null | undefined) {
  useEffect(() => {
    document.title = title ? `${title} · ${brand}` : brand;
  }, [title]);
}
