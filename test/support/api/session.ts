import { hashOfCookieToken, insertSession, newCookieToken, raiseEmergencyUse } from '#libs/identity';
import { newId } from '#libs/kernel';
import type { ApiFixture } from './api-fixture.js';

/** Headers of a page in which somebody of `PersonFactory` is signed in, with a second factor. */
export async function signedInAs(
  { database }: Pick<ApiFixture, 'database'>,
  tenant: string,
  personId: string,
  method: 'passkey' | 'emergency' = 'passkey',
): Promise<Record<string, string>> {
  const token = newCookieToken();
  const session = { tenant, id: newId(), tokenHash: hashOfCookieToken(token), personId, method };
  await database.admin.transaction().execute(async (tx) => {
    await insertSession(tx, {
      ...session,
      secondFactor: true,
      userAgent: null,
      idleMinutes: 60,
      hours: 1,
      issuer: null,
    });
    if (method === 'emergency')
      await raiseEmergencyUse(tx, { tenant, personId, subject: `person@${tenant}` }, session.id);
  });
  return { cookie: `stellwerk-session=${token}`, 'sec-fetch-site': 'same-origin', 'stellwerk-csrf': '1' };
}
