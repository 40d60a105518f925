import { DATA_MAP, type Kept, type TableData } from '#libs/tenancy';

const INTRODUCTION = `# Personal data: what, where, how long

The table below is generated from \`libs/tenancy/model/data-map/\` by \`npm run contracts\`. A test compares that map with the
database: a table with a tenant, or a column of text, JSON or bytes, that it does not classify fails the build.

## Rights of a person
| What | How | Rule |
|---|---|---|
| Access and portability (GDPR Art. 15, 20) | \`POST /v1/tenants/{tenant}/person-data\`, \`…/page\` to read in German or English | rows about the person in full, of others only what names them; that somebody asked is on record; more than 10,000 rows of a table are cut, and the answer says so |
| Erasure (Art. 17) | \`POST /v1/tenants/{tenant}/person-erasures\` | a pseudonym takes the place of every name given; in rows about the person every free text goes too; in the audit without breaking its chain ([ADR 33](adr/0033-erasure-of-a-person.md)) |
| Refusal of it (Art. 17(3)) | \`409 privacy.person_still_needed\` with what needs the person | an open request or run, an account that lets in (\`POST /v1/people/{id}/close\` ends it), a key that does, a legal hold |
| Restriction for a claim (Art. 18) | \`/v1/tenants/{tenant}/legal-holds\` | while a hold is in force nothing that it covers is erased |
| Deletion at the end of the processing (Art. 28(3)(g)) | \`/v1/tenants/{tenant}/offboarding\`, \`GET /v1/erasures\` | by the word of two owners, after a retention; what the law keeps stands below with its years, in the record with its day; a legal hold stops it ([ADR 38](adr/0038-customers-that-leave.md)) |
| Storage limitation (Art. 5(1)(e)) | \`/v1/retention\` | ended requests go with everything made of them after days per customer and outcome; the audit stays; a legal hold stops it ([ADR 39](adr/0039-retention-by-outcome.md)) |
| Record of processing (Art. 30(2)) | \`GET /v1/tenants/{tenant}/processing-record\`, \`…/page\` | drawn from the agreement in force, contacts, systems and processes |
| Agreement (Art. 28) | \`/v1/tenants/{tenant}/agreements\` | without one in force no request is taken |

## Where else personal data is
| Where | What | How long |
|---|---|---|
| Kafka | events; they carry ids, since version 2 of decisions neither names nor reasons | 14 days |
| Temporal | inputs, results and failures carry ids and codes | the namespace's retention |
| Logs | method, path without query, status, subject of the caller | as the operator keeps them |
| Mails that were sent | with the receiver | not ours any more |
| Backups | what the database held | as the operator keeps them; an erasure is to be repeated after a restore: \`person_erasures\` and \`tenant_erasures\` of the newer state say which |

## Tables
*Names*: columns that name a person. *Free*: text, JSON and bytes in which anything may stand. *Sealed*: hashes and ciphertexts, which
nobody reads a person out of. Columns not named hold no personal data.`;

/** docs/privacy.md: which table holds what of persons, how long, and what becomes of it. */
export function privacyDocument(): string {
  const rows = Object.entries(DATA_MAP).map(([table, data]) => rowOf(table, data));
  const head = [
    '| Table | One row is | Names | Free | Sealed | Kept | Erasure of a person | In exports |',
    '|---|---|---|---|---|---|---|---|',
  ];
  return [INTRODUCTION, [...head, ...rows].join('\n'), ''].join('\n\n');
}

function rowOf(table: string, data: TableData): string {
  const { holds, persons = [], content = [], secret = [], kept, notErased, notExported } = data;
  const hasPersons = persons.length + content.length > 0;
  const erasure = notErased ?? (hasPersons ? 'pseudonym' : '–');
  const cells = [`\`${table}\``, holds, columns(persons), columns(content), columns(secret), keptText(kept), erasure];
  return `| ${[...cells, notExported === undefined ? 'yes' : `no: ${notExported}`].join(' | ')} |`;
}

function columns(names: readonly string[]): string {
  return names.length === 0 ? '–' : names.map((name) => `\`${name}\``).join(', ');
}

function keptText(kept: Kept): string {
  if (kept === 'customer') return 'as long as the customer is one';
  if (kept === 'process') return 'with its request, which goes by its age';
  if ('days' in kept) return `${kept.days} day(s)`;
  return kept.years === undefined ? kept.law : `${kept.law}; ${kept.years} years after the customer’s end`;
}
