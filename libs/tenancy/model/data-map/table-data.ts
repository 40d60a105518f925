/** How rows about a person are found, besides rows that only name one. */
export type About = 'subject' | 'request' | 'run' | 'person';

/** How long rows are kept, apart from a customer’s end. */
export type Kept =
  /** As long as the customer is one. */
  | 'customer'
  /** Until the request they belong to is erased: by its age (retention.model.ts), or with its customer. */
  | 'process'
  /** By housekeeping, for this many days. */
  | { readonly days: number }
  /** As long as the law wants it: so many years after the end of the year in which the customer was erased, or for good. */
  | { readonly law: string; readonly years?: number };

/** What a table with a tenant holds, as privacy goes. Every text, JSON and byte column stands in exactly one list. */
export interface TableData {
  /** One row is … */
  readonly holds: string;
  /** Columns that name a person: a subject, a login name, an address. */
  readonly persons?: readonly string[];
  /** Free text, JSON and bytes in which anything about a person may stand. */
  readonly content?: readonly string[];
  /** Columns with no personal data. */
  readonly plain?: readonly string[];
  /** Hashes, ciphertexts and keys: nobody reads a person out of them; they go into no export. */
  readonly secret?: readonly string[];
  readonly about?: About;
  readonly kept: Kept;
  /** Why the rows go into no export of a customer; absent: they do. */
  readonly notExported?: string;
  /** Why an erasure of a person leaves the rows alone; absent: it does not. */
  readonly notErased?: string;
}
