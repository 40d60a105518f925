/** What a display name can be made of. */
export interface DisplayNameParts {
  readonly givenName: string;
  readonly surname: string;
  readonly title?: string | undefined;
  readonly department?: string | undefined;
  readonly company?: string | undefined;
}

export const DEFAULT_DISPLAY_NAME_FORMAT = '{given} {surname}';

const NAMES = ['given', 'surname', 'title', 'department', 'company'] as const;
const PLACEHOLDER = /\{(given|surname|title|department|company)\}/g;

/** What is wrong with a format such as `{surname}, {given} ({department})`, in a sentence; null when it can be used. */
export function displayNameFormatProblem(format: string): string | null {
  const literals = format.replace(PLACEHOLDER, '');
  if (/[{}]/.test(literals)) return `Only ${NAMES.map((name) => `{${name}}`).join(', ')} stand in braces.`;
  const hasName = format.includes('{given}') || format.includes('{surname}');
  return hasName ? null : 'Name {given} or {surname}.';
}

/** A display name by a customer's format; brackets around what is not known are left out. */
export function displayNameOf(parts: DisplayNameParts, format: string): string {
  const values = { ...parts, given: parts.givenName };
  return format
    .replace(PLACEHOLDER, (_placeholder, name: (typeof NAMES)[number]) => values[name] ?? '')
    .replace(/\(\s*\)|\[\s*\]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s,;/|-]+|[\s,;/|-]+$/g, '');
}
