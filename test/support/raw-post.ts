export interface Answered {
  status: number;
  headers: Headers;
  body: string;
  method: string;
}

/** Sends a request exactly as given. An empty header of ours is left out altogether. */
export async function sendRaw(
  portalUrl: string,
  path: string,
  sent: { method?: string; body?: string | Buffer; headers: Record<string, string> },
): Promise<Answered> {
  const method = sent.method ?? "POST";
  const usual = {
    "sec-fetch-site": "same-origin",
    "accept-language": "fr",
    ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
  };
  const headers = Object.entries({ ...usual, ...sent.headers }).filter(([, value]) => value !== "");
  const body = sent.body === undefined ? undefined : new Uint8Array(Buffer.from(sent.body));
  const response = await fetch(portalUrl + path, { method, headers, redirect: "manual", body });
  return { status: response.status, headers: response.headers, body: await response.text(), method };
}

/** What is not as promises 1 and 2 want it: never a 5xx; a way within the portal, a clear page, or JSON if asked. */
export function refusalFaults(answer: Answered, portalUrl: string, accept = "text/html"): string[] {
  const { status, headers, body, method } = answer;
  if (status >= 500) return [`${status} ${body.slice(0, 200)}`];
  if (status >= 300 && status < 400) return redirectFaults(headers.get("location") ?? "", portalUrl);
  if (method === "HEAD" || method === "OPTIONS" || status === 204) return [];
  const type = headers.get("content-type") ?? "";
  if (type.startsWith("application/json")) {
    const data = JSON.parse(body) as { refusal?: unknown; incident?: unknown };
    if (status < 400) return [];
    return data.refusal && data.incident
      ? []
      : [`${status} JSON without refusal or incident: ${body.slice(0, 200)}`];
  }
  if (accept === "application/json" && status >= 400) return [`${status} as ${type}, not JSON`];
  if (!type.startsWith("text/html"))
    return type.startsWith("text/plain") && status < 400 ? [] : [`${status} as ${type}`];
  const faults: string[] = [];
  if (body.split("<h1").length !== 2) faults.push(`${status} without one h1`);
  if (status >= 400 && !isPressAgain(body) && !body.includes('class="incident"')) {
    faults.push(`${status} without incident reference: ${/<title>([^<]*)/.exec(body)?.[1]}`);
  }
  return faults;
}

const isPressAgain = (body: string) => body.includes('name="_press"');

function redirectFaults(location: string, portalUrl: string): string[] {
  const isWithin = location.startsWith("/") && URL.parse(location, portalUrl)?.origin === portalUrl;
  return isWithin ? [] : [`leads to ${location}`];
}

/** Nothing that was typed is markup on the page that answers. */
export function hasNothingSecondHand({ body }: Answered): string[] {
  return body.includes("<i>second-hand</i>") ? ["what was typed became markup"] : [];
}
