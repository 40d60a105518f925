/** What a link in a mail can be for. A line here, and a page in `apps/api/mailed-links`: a test compares both. */
export const LINK_PURPOSES = {
  /** Shows a plan; decides on it. */
  approval: { longestHours: 30 * 24 },
  /** Shows who invites to what; registers a passkey. */
  invitation: { longestHours: 14 * 24 },
  /** Shows an escalation; acknowledges it. */
  escalation: { longestHours: 7 * 24 },
} as const satisfies Record<string, { readonly longestHours: number }>;

export type LinkPurpose = keyof typeof LINK_PURPOSES;

export function isLinkPurpose(text: string): text is LinkPurpose {
  return Object.hasOwn(LINK_PURPOSES, text);
}

/** Where a link of a purpose leads: what stands before the token. */
export function linkPath(purpose: LinkPurpose): string {
  return `/links/${purpose}/`;
}
