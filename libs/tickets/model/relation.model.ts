/** How a ticket can be linked to another by hand. */
export const RELATIONS = ['relates', 'blocks', 'duplicates', 'caused_by'] as const;
export type Relation = (typeof RELATIONS)[number];

/** Things elsewhere. */
export const THINGS = ['device', 'alert'] as const;
export type Thing = (typeof THINGS)[number];

/** Every kind of link between two tickets, and what it is called from the other’s side. */
const INVERSE = {
  relates: 'relates',
  blocks: 'blocked_by',
  duplicates: 'duplicated_by',
  caused_by: 'causes',
  merged_into: 'merged_from',
  split_from: 'split_into',
} as const;

type TicketLinkKind = keyof typeof INVERSE;
export type ShownRelation = TicketLinkKind | (typeof INVERSE)[TicketLinkKind];

export const SHOWN_RELATIONS: readonly ShownRelation[] = [
  ...new Set([...Object.keys(INVERSE), ...Object.values(INVERSE)] as ShownRelation[]),
];

/** What a link is called, seen from one of its two tickets. */
export function shownRelation(kind: string, seenFrom: 'ticket' | 'other'): ShownRelation {
  return seenFrom === 'ticket' ? (kind as TicketLinkKind) : INVERSE[kind as TicketLinkKind];
}
