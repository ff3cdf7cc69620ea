import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { get } from "./api";

/** Languages by model, as /health tells them of the recognisers of this node. */
const languages = signal<Record<string, string>>({});
const asked = new Set<string>();

/** What a model is of, to show; empty until it is known, and where nobody knows it. */
export function useLanguages(model: string | undefined): string {
  useEffect(() => {
    if (model && !asked.has(model)) {
      asked.add(model);
      void load();
    }
  }, [model]);
  const tag = model ? (languages.value[model] ?? "") : "";
  return tag === "mul" ? "many languages" : tag === "und" ? "" : tag;
}

async function load() {
  try {
    const { providers } = await get<{ providers?: Record<string, { model?: string; language?: string }> }>("health");
    const known: Record<string, string> = {};
    for (const provider of Object.values(providers ?? {})) {
      if (provider.model && provider.language) {
        known[provider.model] = provider.language;
      }
    }
    languages.value = known;
  } catch {
    // A figure on a card, not worth an error.
  }
}
