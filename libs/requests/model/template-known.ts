import type { JsonObject } from '#libs/kernel';
import type { ProcessTemplate } from './template-schema.js';

/** What a request is drawn from besides the wish. */
export interface Known {
  /** The business time. */
  readonly at: Date;
  /** The customer's zone (IANA). */
  readonly timeZone: string;
  /** The customer's template; null: none. It was parsed when it was saved. */
  readonly template: { readonly version: number; readonly content: JsonObject } | null;
}

/** The template that counts; without one nothing is ruled. */
export function templateOf({ template }: Known): ProcessTemplate {
  return (template?.content ?? {}) as ProcessTemplate;
}
