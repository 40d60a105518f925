/** What can have happened to a ticket. */
export const ENTRY_KINDS = [
  // a ticket's first
  'opened',
  'comment',
  'status',
  'priority',
  'assignment',
  'tags',
  // what is promised, and why
  'targets',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];
