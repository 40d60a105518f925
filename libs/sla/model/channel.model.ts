import type { FieldProblem, Json, JsonObject } from '#libs/kernel';

/** Ways out besides mail: providers of short messages and calls, and rooms that many read. */
export const CHANNEL_KINDS = ['sms', 'voice', 'webhook', 'teams', 'slack'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** How a provider's answers (a reply, a pressed key) are taken. */
export interface CallbackConfig {
  /** `secret://callback-…`: what the provider signs with (HMAC-SHA256, hex, over `<seconds>.<body>`); the api opens no others. */
  readonly secret: string;
  /** JSON Pointers into its body: the id that it gave when it took the message, and what the person answered. */
  readonly idAt: string;
  readonly answerAt: string;
  /** Answers that acknowledge, in any case. */
  readonly accepts: readonly string[];
}

/** One of the MSP's channels. Texts may hold `secret://<name>`, which only the activity resolves. */
export interface ChannelConfig {
  readonly url: string;
  /** Of a provider; others are always told by POST. */
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  /** Of a provider: JSON with {to}, {text}, {url} and {id} in its texts. */
  readonly body: JsonObject | null;
  /** JSON Pointer to the id in a provider's answer; null: it gives none. */
  readonly idAt: string | null;
  /** What a webhook is signed with, in the form of Standard Webhooks; null: not signed. */
  readonly secret: string | null;
  readonly callback: CallbackConfig | null;
}

/** What is told, in the words of whoever is told. */
export interface ChannelWords {
  /** The notification's: the same at every repeat. */
  readonly id: string;
  /** A telephone number; empty for a room. */
  readonly to: string;
  readonly line: string;
  /** Where it is acknowledged; null for a room: the link is one person's. */
  readonly url: string | null;
  readonly conferenceUrl: string | null;
  readonly facts: JsonObject;
}

/** The body that a channel is told by. */
export function channelBody(kind: ChannelKind, config: ChannelConfig, words: ChannelWords): JsonObject {
  switch (kind) {
    case 'sms':
    case 'voice':
      return filled(config.body ?? {}, words) as JsonObject;
    case 'webhook':
      return { type: 'escalation', id: words.id, text: words.line, ...words.facts };
    case 'slack':
      return { text: lines(words).map(escapedForSlack).join('\n') };
    case 'teams':
      return teamsCard(lines(words));
  }
}

function lines({ line, conferenceUrl }: ChannelWords): string[] {
  return conferenceUrl === null ? [line] : [line, conferenceUrl];
}

/** Slack's three control characters (https://api.slack.com/reference/surfaces/formatting#escaping). */
function escapedForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** An Adaptive Card in a message, as incoming webhooks of Teams take it. Texts are plain: what people typed makes no markup. */
function teamsCard(texts: readonly string[]): JsonObject {
  const body = texts.map((text) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text }],
  }));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body,
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

function filled(value: Json, words: ChannelWords): Json {
  if (typeof value === 'string') {
    const { to, id, line, url, conferenceUrl } = words;
    const text = [line, ...(conferenceUrl === null ? [] : [conferenceUrl])].join(' ');
    const by: Readonly<Record<string, string>> = { to, id, text, url: url ?? '' };
    return value.replace(/\{(to|text|url|id)\}/g, (_all, name: string) => by[name]!);
  }
  if (Array.isArray(value)) return value.map((one) => filled(one as Json, words));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one as Json, words)]));
  return value;
}

type Fields = Readonly<Record<string, unknown>>;

const POINTER = /^(\/[^/]{1,100}){1,10}$/;
const SECRET = /^secret:\/\/[a-z0-9][a-z0-9-]{0,62}$/;
const CALLBACK_SECRET = /^secret:\/\/callback-[a-z0-9-]{1,60}$/;
const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,60}$/;
/** The connection's own; a template must not change what is sent to whom. */
const OWN_HEADERS = ['host', 'content-length', 'connection', 'transfer-encoding', 'content-type'];
const MOST_HEADERS = 20;
const LARGEST_BODY = 8_000;

/** Reads a channel field by field. */
export function readChannel(
  kind: ChannelKind,
  sent: Fields,
): { readonly config: ChannelConfig; readonly faults: readonly FieldProblem[] } {
  const faults: FieldProblem[] = [];
  const add = (path: string, code: string, message: string): void => void faults.push({ path, code, message });
  const { url, method = 'POST', headers = {}, body = null, idAt = null, secret = null, callback = null } = sent;
  const isProvider = kind === 'sms' || kind === 'voice';
  if (typeof url !== 'string' || !isAddress(url))
    add('url', 'not_an_address', 'Write an http(s) address, or secret://<name> of one.');
  if (method !== 'POST' && method !== 'PUT') add('method', 'not_allowed', 'Write POST or PUT.');
  if (!isHeaders(headers)) add('headers', 'not_headers', 'Write header names with their values.');
  const isTemplate = body !== null && typeof body === 'object' && !Array.isArray(body);
  if (isProvider && !(isTemplate && JSON.stringify(body).includes('{to}') && JSON.stringify(body).includes('{text}')))
    add('body', 'no_template', 'Write the JSON that the provider takes, with {to} and {text} in it.');
  if (isTemplate && JSON.stringify(body).length > LARGEST_BODY) add('body', 'too_long', 'Write less.');
  if (idAt !== null && !(typeof idAt === 'string' && POINTER.test(idAt)))
    add('idAt', 'not_a_pointer', 'Write a JSON Pointer, such as /sid.');
  if (secret !== null && !(typeof secret === 'string' && SECRET.test(secret)))
    add('secret', 'not_a_reference', 'Write secret://<name>.');
  const read = callback === null ? null : readCallback(callback as Fields, idAt !== null && isProvider, add);
  return {
    config: { url, method, headers, body: isProvider ? body : null, idAt, secret, callback: read } as ChannelConfig,
    faults,
  };
}

function readCallback(
  value: Fields,
  isPossible: boolean,
  add: (path: string, code: string, message: string) => void,
): CallbackConfig {
  const { secret, idAt, answerAt, accepts } = value;
  if (!isPossible)
    add('callback', 'without_id', 'Say in idAt where the provider’s answer holds its id of the message.');
  if (!(typeof secret === 'string' && CALLBACK_SECRET.test(secret)))
    add('callback.secret', 'not_a_reference', 'Write secret://callback-<name>: the api opens no other secrets.');
  for (const [field, pointer] of Object.entries({ idAt, answerAt }))
    if (!(typeof pointer === 'string' && POINTER.test(pointer)))
      add(`callback.${field}`, 'not_a_pointer', 'Write a JSON Pointer, such as /body.');
  const isList = Array.isArray(accepts) && accepts.length > 0 && accepts.length <= 20;
  if (!isList || !accepts.every((one) => typeof one === 'string' && one.length > 0 && one.length <= 40))
    add('callback.accepts', 'not_answers', 'Write the answers that acknowledge, such as ["1", "ok"].');
  return { secret, idAt, answerAt, accepts } as CallbackConfig;
}

function isAddress(text: string): boolean {
  if (SECRET.test(text)) return true;
  try {
    const { protocol, username, password } = new URL(text);
    return (
      (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' && text.length <= 2_000
    );
  } catch {
    return false;
  }
}

function isHeaders(value: unknown): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MOST_HEADERS &&
    entries.every(
      ([name, text]) =>
        HEADER.test(name) &&
        !OWN_HEADERS.includes(name.toLowerCase()) &&
        typeof text === 'string' &&
        /^[\x20-\x7e]{0,500}$/.test(text),
    )
  );
}
