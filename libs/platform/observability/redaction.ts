const CUT = '[cut]';
const DEEPEST = 8;

/** Names of fields that hold something secret, without hyphens and underscores, in lower case. */
const SECRET_NAME =
  /(passwords?|passwd|pwd|passphrase|secrets?|tokens?|apikeys?|authorization|cookies?|credentials?|privatekey|masterkey|datakey|plaintext|ciphertext)$|^(key|pass|auth|sasl)$/;

/** Forms of secrets inside text, and what stays of them. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, CUT],
  [/\b(Bearer|Basic|Negotiate|Digest)\s+[A-Za-z0-9+/=._~-]{6,}/gi, `$1 ${CUT}`],
  [/\bAUTH (PLAIN|LOGIN|CRAM-MD5|XOAUTH2)\s+\S+/gi, `AUTH $1 ${CUT}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/@:"']*):[^\s@"']+@/gi, `$1:${CUT}@`],
  [/\bswk_[A-Za-z0-9_-]{20,}|\bhv[sbr]\.[A-Za-z0-9_-]{10,}/g, CUT],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, CUT],
  [/(\/hand-over\/|\/links\/[a-z-]+\/)[A-Za-z0-9._~-]{20,}/g, `$1${CUT}`],
  [/\b((?:set-)?cookie|(?:proxy-)?authorization)(["']?\s*[:=]\s*)[^\n]+/gi, `$1$2${CUT}`],
  [
    /\b([\w-]*(?:password|passwd|passphrase|secret|token|api[-_]?key))(["']?\s*[:=]\s*)(?!\/\/)("[^"]*"|'[^']*'|[^\s,;&})\]]+)/gi,
    `$1$2${CUT}`,
  ],
  // JSON.parse quotes what it could not read, and PostgreSQL the row that it refused
  [/(Unexpected [^"]{0,60})"[\s\S]*"(?:\.\.\.)? is not valid JSON/g, `$1${CUT} is not valid JSON`],
  [/(Failing row contains )\([\s\S]*\)/g, `$1${CUT}`],
];

/** Values in use that must not get into a log, in the forms that they could stand there; the oldest go first. */
const hidden = new Map<string, readonly string[]>();
const MOST_HIDDEN = 500;
/** What is shorter stands in too many words by chance. */
const SHORTEST = 6;

/** From now on this value is cut out of every line, wherever a system's error puts it. */
export function hideFromLogs(value: string): void {
  if (value.length < SHORTEST) return;
  hidden.delete(value);
  if (hidden.size >= MOST_HIDDEN) hidden.delete(hidden.keys().next().value!);
  const forms = [
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
  ];
  hidden.set(value, [...new Set(forms)]);
}

/** A line as it may be written: without any value in use. */
export function withoutHidden(line: string): string {
  let text = line;
  for (const forms of hidden.values())
    for (const form of forms) if (text.includes(form)) text = text.replaceAll(form, CUT);
  return text;
}

/** A text without what looks like a secret. */
export function redactText(text: string): string {
  return FORMS.reduce((rest, [form, left]) => rest.replace(form, left), text);
}

/** Fields as they may be logged: secret ones are cut at any depth, errors with their causes become plain objects. */
export function redactFields(fields: object): Record<string, unknown> {
  return redactObject(fields, 0, new Set());
}

function redactValue(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (above.has(value) || depth >= DEEPEST) return '[…]';
  above.add(value);
  try {
    if (Array.isArray(value)) return value.map((one: unknown) => redactValue(one, depth + 1, above));
    return value instanceof Error ? redactError(value, depth, above) : redactObject(value, depth, above);
  } finally {
    above.delete(value);
  }
}

function redactError(error: Error, depth: number, above: Set<object>): Record<string, unknown> {
  const { message, stack, cause } = error;
  const rest = redactObject(error, depth, above);
  return {
    type: error.name,
    ...rest,
    message: redactText(message),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1, above) }),
  };
}

function redactObject(object: object, depth: number, above: Set<object>): Record<string, unknown> {
  const entries = Object.entries(object).map(
    ([name, value]) => [name, redactField(name, value, depth, above)] as const,
  );
  return Object.fromEntries(entries);
}

function redactField(name: string, value: unknown, depth: number, above: Set<object>): unknown {
  const isEmpty = value === undefined || value === null || typeof value === 'boolean';
  if (!isEmpty && SECRET_NAME.test(name.replace(/[-_]/g, '').toLowerCase())) return CUT;
  return redactValue(value, depth + 1, above);
}
