import { canonicalJson } from '#libs/kernel';
import type { Certificate, CertifiedRun, CertifiedStep, Confirmed, Decided } from './certificate.js';

/** The form of a proof; another one gets another name. */
export const RUN_PROOF_FORMAT = 'stellwerk.run-proof.v1';

/**
 * What is left of a certificate when its customer was erased: that this run was asked for, approved and carried out, when, and how it
 * ended, without a name, a value or a free text. Instants are RFC 3339 in UTC. Whoever has the certificate still finds it by its hash.
 */
export interface RunProof {
  readonly format: typeof RUN_PROOF_FORMAT;
  readonly run: Pick<CertifiedRun, 'id' | 'tenant' | 'process' | 'outcome' | 'createdAt' | 'startedAt' | 'endedAt'>;
  readonly asked: Pick<Certificate['asked'], 'requestId' | 'type' | 'at'>;
  readonly decided: readonly Pick<Decided, 'revision' | 'planHash' | 'decision' | 'at' | 'effectiveAt'>[];
  readonly confirmed: readonly Pick<Confirmed, 'revision' | 'planHash' | 'at' | 'codes'>[];
  /** In the order of the plan. */
  readonly steps: readonly Pick<CertifiedStep, KeptOfStep>[];
  /** The certificate that this is left of; the hash is over its bytes as they were signed, in hexadecimal digits. */
  readonly certificate: { readonly format: Certificate['format']; readonly sha256: string };
}

type KeptOfStep =
  'block' | 'verb' | 'accessCritical' | 'outcome' | 'startedAt' | 'endedAt' | 'deadline' | 'deadlineMissedAt' | 'late';

/** What is kept of a certificate with this hash. */
export function runProofOf({ format, run, asked, decided, confirmed, steps }: Certificate, sha256: string): RunProof {
  const { id, tenant, process, outcome, createdAt, startedAt, endedAt } = run;
  const { requestId, type, at } = asked;
  return {
    format: RUN_PROOF_FORMAT,
    run: { id, tenant, process, outcome, createdAt, startedAt, endedAt },
    asked: { requestId, type, at },
    decided: decided.map((one) => {
      const { revision, planHash, decision, effectiveAt } = one;
      return { revision, planHash, decision, at: one.at, effectiveAt };
    }),
    confirmed: confirmed.map(({ revision, planHash, codes, ...one }) => ({ revision, planHash, at: one.at, codes })),
    steps: steps.map(keptOfStep),
    certificate: { format, sha256 },
  };
}

/** The text that is signed: canonical JSON (RFC 8785), in UTF-8 without a line break at its end. */
export function runProofText(proof: RunProof): string {
  return canonicalJson(proof);
}

function keptOfStep(step: CertifiedStep): Pick<CertifiedStep, KeptOfStep> {
  const { block, verb, accessCritical, outcome, startedAt, endedAt, deadline, deadlineMissedAt, late } = step;
  return { block, verb, accessCritical, outcome, startedAt, endedAt, deadline, deadlineMissedAt, late };
}
