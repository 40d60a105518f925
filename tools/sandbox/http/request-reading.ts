import type { IncomingMessage } from 'node:http';

/** An answer other than 200 that a route decides on. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const maxBodyOctets = 5 * 1024 * 1024;

/** The request's body as text. @throws HttpRefusal 413 */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyOctets) throw new HttpRefusal(413, 'the body is larger than 5 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The request's body as a JSON object; an empty body is an empty object. @throws HttpRefusal 400 */
export async function readObject(request: IncomingMessage): Promise<Map<string, unknown>> {
  const text = await readText(request);
  const value = parseJson(text.trim() === '' ? '{}' : text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpRefusal(400, 'the body is no JSON object');
  }
  return new Map(Object.entries(value));
}

/** An optional non-negative number of the body or the query. @throws HttpRefusal 400 */
export function optionalNumber(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) {
    throw new HttpRefusal(400, `${name} is no number of 0 or more`);
  }
  return number;
}

/** An optional text of the body. @throws HttpRefusal 400 */
export function optionalText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new HttpRefusal(400, `${name} is no text`);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, 'the body is no JSON');
  }
}
