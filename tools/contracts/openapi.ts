import type { OpenAPIObject } from '@nestjs/swagger';
import { newId } from '#libs/kernel';
import { openDatabase } from '#libs/platform/database';
import { Limits, LimitStore, SharedSignInLimits, usualLimits } from '#libs/platform/limits';
import { createLogger } from '#libs/platform/observability';
import { LocalKeyRing, PayloadKeys, storedMarkKey } from '#libs/platform/secrets';
import { OutboxHint } from '#libs/platform/outbox';
import { MailAddresses } from '#libs/tickets';
import { CallLimits } from '../../apps/api/limits/call-limits.js';
import { FairTurns } from '../../apps/api/limits/fair-turns.js';
import { createApp } from '../../apps/api/create-api.js';
import { createHttpServer } from '../../apps/api/http/server.js';
import { ApiDocument } from '../../apps/api/openapi/api-document.js';

const NO_KEYS = LocalKeyRing.fromFile('/nonexistent');

/** The API's description, drawn from its controllers. Nothing is listened on, no database is asked. */
export async function openApiDocument(): Promise<OpenAPIObject> {
  const database = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', poolSize: 1 }, 'contracts');
  const logger = createLogger('contracts', 'silent');
  const limits = new Limits(new LimitStore(database, newId()), usualLimits(1), logger);
  const signInLimits = new SharedSignInLimits(database, storedMarkKey(database, NO_KEYS));
  const callLimits = new CallLimits(limits, FairTurns.forPool(1));
  const server = createHttpServer({ host: '127.0.0.1', port: 0, bodyLimitBytes: 1024 }, logger, callLimits);
  const app = await createApp(
    {
      database,
      hint: new OutboxHint(database),
      topicPrefix: '',
      signingKeys: null,
      keys: NO_KEYS,
      secretsFile: null,
      noteRefusedLink: () => undefined,
      publicUrl: 'https://stellwerk.example',
      payloads: { keys: new PayloadKeys(database, NO_KEYS), namespace: '' },
      limits,
      signInLimits,
      mailAddresses: new MailAddresses(() => Promise.reject(new Error('no key')), null, 'stellwerk.example'),
    },
    server,
  );
  const document = app.get(ApiDocument).get();
  await app.close();
  await database.destroy();
  return document;
}
