import type { TableData } from './table-data.js';

/** Claims lapse three years after the end of their year (§§ 195, 199 BGB). */
const KEPT_YEARS = 3;
const AUDIT_LAW = 'GDPR Art. 5(2) and 32: who did what, as long as the agreement says';

/** Events, mails, sealed values and the audit. */
export const PLUMBING_DATA: Readonly<Record<string, TableData>> = {
  audit_entries: {
    holds: 'who did what to whom, when and why; from which network keys were tried that nobody has',
    persons: ['actor', 'origin', 'object_id'],
    content: ['reason', 'before', 'after'],
    plain: ['action', 'outcome', 'object_kind'],
    kept: { law: AUDIT_LAW, years: KEPT_YEARS },
    notErased: 'by `eraseFromAudit`, which the chain survives, and in the same transaction',
  },
  audit_waiting: { holds: 'an entry that is not chained yet', kept: { days: 1 }, notExported: 'empty within seconds' },
  audit_chain: {
    holds: 'an entry’s place in the chain, by hashes',
    secret: ['content_hash', 'entry_hash', 'hash'],
    kept: { law: AUDIT_LAW, years: KEPT_YEARS },
  },
  audit_anchors: {
    holds: 'a signed head of the chain',
    plain: ['signature'],
    secret: ['hash'],
    kept: { law: AUDIT_LAW, years: KEPT_YEARS },
  },
  mails: {
    holds: 'a mail of the platform: to whom, when, and how it went; never its text',
    persons: ['recipient', 'sent_by'],
    content: ['problem'],
    plain: ['id', 'template', 'language', 'status', 'message_id'],
    kept: 'customer',
  },
  mailed_links: {
    holds: 'a link in a mail: for what, to whom, until when',
    persons: ['recipient'],
    plain: ['purpose', 'object_id', 'language'],
    secret: ['token_hash'],
    kept: 'customer',
  },
  mailed_link_keys: {
    holds: 'a public key by which links in mails are checked',
    secret: ['public_key'],
    kept: 'customer',
    notExported: 'it opens nothing at anybody else’s',
  },
  payload_keys: {
    holds: 'a key that the engine’s payloads are encrypted with, wrapped',
    plain: ['key_id'],
    secret: ['wrapped_key'],
    kept: 'customer',
    notExported: 'opens only what the engine keeps',
  },
  one_time_links: {
    holds: 'a link to a password; its content goes when it is collected or expires',
    plain: ['step_id'],
    secret: ['token_hash', 'ciphertext'],
    kept: 'process',
  },
  sealed_values: {
    holds: 'an encrypted value of a step, such as a drawn password',
    plain: ['owner', 'name', 'key_id'],
    secret: ['wrapped_key', 'ciphertext'],
    kept: 'process',
    notExported: 'passwords drawn for a step: handed over once by a link, set anew by whoever takes over',
  },
  dead_letters: {
    holds: 'a record that could not be delivered, with its bytes',
    persons: ['replayed_by'],
    content: ['reason', 'headers', 'key', 'value'],
    plain: ['topic', 'code'],
    secret: ['content_hash'],
    kept: 'customer',
  },
  outbox: {
    holds: 'an event; it carries ids, but decisions of the first version, which name who decided and why',
    content: ['value'],
    plain: ['topic', 'key', 'headers'],
    kept: { days: 7 },
    notExported: 'events tell of rows that are exported themselves',
  },
  inbox: {
    holds: 'that an event was taken',
    plain: ['consumer'],
    kept: { days: 30 },
    notExported: 'ids of events, of use to nobody else',
  },
  event_keys: {
    holds: 'the last sequence of an event key',
    plain: ['key'],
    kept: 'customer',
    notExported: 'counters, of use to nobody else',
  },
  idempotency_keys: {
    holds: 'the first answer to a call',
    content: ['answer'],
    plain: ['caller', 'key'],
    secret: ['fingerprint'],
    kept: { days: 7 },
    notExported: 'answers that were given already, kept for a week',
  },
};
