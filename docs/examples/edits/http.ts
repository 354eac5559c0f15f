// Talks to a server in JSON, and does not wait for it for ever.

export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly headers?: Record<string, string>;
}

export function urlOf(base: string, path: string, query: Record<string, string> = {}): string {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

export async function fetchJson(url: string, options: RequestOptions = {}): Promise<unknown> {
  const { timeoutMs = 5000, headers = {} } = options;
  const res = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  if (!res.ok) {
    throw new Error(`${url}: ${res.status} ${res.statusText}`);
  }
  return res.json();
}
