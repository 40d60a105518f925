import { Type } from '@sinclair/typebox';
import { defineEvent } from './define-event.js';

export const auditChainAnchored = defineEvent('audit.chain.anchored', 1, {
  summary:
    'The head of the tenant’s audit chain: whatever is changed in what came before no longer leads to this hash.',
  schema: Type.Object(
    {
      tenant: Type.String(),
      seq: Type.Integer({ minimum: 1 }),
      hash: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal.' }),
      signature: Type.Union([Type.String(), Type.Null()], {
        description:
          'A detached JWS (RFC 7515, RFC 7797; Ed25519) over the canonical JSON {hash, purpose: "stellwerk.audit.anchor", seq, tenant}; null where no key is configured.',
      }),
    },
    { additionalProperties: false },
  ),
  sample: { tenant: 'muster', seq: 1207, hash: '5f'.repeat(32), signature: 'eyJhbGciOiJFZERTQSJ9..c2lnbmF0dXJl' },
});
