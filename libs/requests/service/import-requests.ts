import { AppError, newId, type JsonObject } from '#libs/kernel';
import type { Reader } from '#libs/platform/access';
import { isUniqueViolation, type Database, type Transaction } from '#libs/platform/database';
import { openCall, type CallKey, type OpenCall } from '#libs/platform/idempotency';
import { prepareEvent, type OutboxHint } from '#libs/platform/outbox';
import { faultOfField, type ImportType } from '../model/csv-columns.js';
import { inert, type CsvFault } from '../model/csv-lines.js';
import { CsvLinesWrong } from '../model/csv.errors.js';
import { RequestNotTaken } from '../model/onboarding.errors.js';
import { insertRequests, type AcceptedRequest } from '../store/accepted-request.store.js';
import { findOpenClaims, ONLY_ONE_INDEX, type OpenRequest } from '../store/request.store.js';
import { findTemplate } from '../store/template.store.js';
import { notTaken, type KnownAtAcceptance, type RequestDraft } from './accept-requests.js';
import { draftOf, type Submission } from './submit-request.js';

/** A line of a file as a request; its fields were checked. */
export interface ImportedLine {
  readonly line: number;
  readonly submission: Submission;
}

/** What a file holds: lines that are requests, and what is wrong with the others. */
export interface Import {
  readonly type: ImportType;
  readonly lines: readonly ImportedLine[];
  readonly faults: readonly CsvFault[];
  /** Takes the good lines where others are wrong. */
  readonly takesGood: boolean;
}

/** What became of a file, line by line. */
export interface ImportReport {
  readonly accepted: readonly { readonly line: number; readonly id: string; readonly user: string }[];
  readonly refused: readonly CsvFault[];
}

interface Drawn {
  readonly line: number;
  readonly draft: RequestDraft;
}

/** Takes a file of requests in: all of its lines commit together, with their events and the answer, or none does. */
export class ImportRequests {
  constructor(
    private readonly database: Database,
    private readonly hint: OutboxHint,
  ) {}

  /** Throws `CsvLinesWrong`, `RequestNotTaken`, `IdempotencyInProgress` or `IdempotencyKeyReused`; then nothing is committed. */
  async execute(call: CallKey, requester: Reader, file: Import): Promise<ImportReport> {
    const report = await this.database.transaction().execute(async (tx) => {
      const opened = await openCall(tx, call);
      if (opened.firstAnswer) return opened.firstAnswer as unknown as ImportReport;
      return this.take(tx, call, opened, requester, file);
    });
    this.hint.give();
    return report;
  }

  private async take(
    tx: Transaction,
    call: CallKey,
    { at, timeZone }: OpenCall,
    requester: Reader,
    file: Import,
  ): Promise<ImportReport> {
    const { tenant } = call;
    const row = await findTemplate(tx, tenant, file.type);
    const template = row ? { version: row.version, content: row.body as unknown as JsonObject } : null;
    const drawn = drawEach(file, { at, timeZone, template });
    const { alone, faults } = await this.withoutDoubles(tx, requester, tenant, file.type, drawn.drafts);
    const refused = [...file.faults, ...drawn.faults, ...faults].sort((a, b) => a.line - b.line);
    // a line with a fault is not taken, whatever else is right with it
    const wrong = new Set(refused.map(({ line }) => line));
    const good = alone.filter(({ line }) => !wrong.has(line));
    if (good.length === 0 || (refused.length > 0 && !file.takesGood)) throw linesWrong(refused);
    const requests = good.map((one) => ({ ...one, id: newId() }));
    const accepted = requests.map(({ line, id, draft }) => ({ line, id, user: draft.subject }));
    const report: ImportReport = { accepted, refused };
    const rows = requests.map(({ id, draft }, index) => {
      const kept = index === 0 ? { call, status: 202, answer: report as unknown as JsonObject } : null;
      return acceptedRequest(tenant, id, requester.subject, draft, at, kept);
    });
    await insertRequests(tx, tenant, rows).catch(openMeanwhile);
    return report;
  }

  /** Of lines that only one request may be about the first counts, unless a request is open already. */
  private async withoutDoubles(
    tx: Transaction,
    requester: Reader,
    tenant: string,
    type: ImportType,
    drafts: readonly Drawn[],
  ): Promise<{ readonly alone: readonly Drawn[]; readonly faults: readonly CsvFault[] }> {
    const claims = drafts.flatMap(({ draft }) => draft.onlyOne ?? []);
    const open =
      claims.length === 0 ? new Map<string, OpenRequest>() : await findOpenClaims(tx, requester, tenant, claims);
    const seen = new Map<string, number>();
    const faults: CsvFault[] = [];
    const alone = drafts.filter(({ line, draft: { onlyOne = null } }) => {
      if (onlyOne === null) return true;
      const before = seen.get(onlyOne);
      const other = open.get(onlyOne);
      seen.set(onlyOne, before ?? line);
      if (before === undefined && other === undefined) return true;
      const fault = other ? openFault(other) : { code: 'duplicate', message: `Line ${before} is about the same user.` };
      faults.push(faultOfField(type, line, { path: 'user', ...fault }));
      return false;
    });
    return { alone, faults };
  }
}

/** Whoever may not see the open request is not told of it. */
function openFault({ id, isShown }: OpenRequest): { code: string; message: string } {
  if (isShown) return { code: 'already_open', message: `The request ${id} is open for this user.` };
  return { code: 'not_taken', message: notTaken().message };
}

/** Draws every line; what its process refuses is a fault of the line. */
function drawEach(
  { type, lines }: Import,
  known: KnownAtAcceptance,
): { readonly drafts: readonly Drawn[]; readonly faults: readonly CsvFault[] } {
  const drafts: Drawn[] = [];
  const faults: CsvFault[] = [];
  for (const { line, submission } of lines) {
    try {
      drafts.push({ line, draft: draftOf(submission, known) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const named = error.errors?.length ? error.errors : [{ path: '', code: error.code, message: error.message }];
      faults.push(...named.map((one) => faultOfField(type, line, { ...one, message: error.message })));
    }
  }
  return { drafts, faults };
}

function acceptedRequest(
  tenant: string,
  id: string,
  requestedBy: string,
  draft: RequestDraft,
  at: Date,
  kept: AcceptedRequest['kept'],
): AcceptedRequest {
  const { subject, body, submitted, templateVersion, onlyOne = null, confidential = null } = draft;
  const origin = { tenant, aggregate: `request/${id}`, correlationId: id, causationId: null, at };
  const event = prepareEvent(submitted, origin, { requestId: id });
  return { request: { tenant, id, subject, body, requestedBy, templateVersion, onlyOne, confidential }, event, kept };
}

function linesWrong(refused: readonly CsvFault[]): CsvLinesWrong {
  const errors = refused.map(({ line, column, code, message }) => ({
    path: column === null ? String(line) : `${line}.${column}`,
    code,
    message: inert(message),
  }));
  const count = new Set(refused.map(({ line }) => line)).size;
  return new CsvLinesWrong(`Mend ${count} line(s) and send the file again, or ask to take the good ones.`, { errors });
}

function openMeanwhile(error: unknown): never {
  if (!isUniqueViolation(error, ONLY_ONE_INDEX)) throw error;
  throw new RequestNotTaken('It came at a bad moment. Send the file again.');
}
