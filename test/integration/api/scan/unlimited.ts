import { CALL_CLASSES, HOLDERS } from '#libs/platform/limits';
import { startApiFixture, type ApiFixture } from '../../../support/api/api-fixture.js';

/** An API whose limits a scan does not meet: it calls more often in a minute than people do in a day. */
export async function startUnlimitedApi(): Promise<ApiFixture> {
  const fixture = await startApiFixture(null, { trustedProxies: ['127.0.0.1'] });
  const { admin } = fixture.database;
  const tenants = await admin.selectFrom('tenants').select('id').execute();
  const rates = CALL_CLASSES.flatMap((callClass) =>
    HOLDERS.map((holder) => ({ name: `${callClass}.${holder}`, per_second: 20_000, most: 100_000 })),
  );
  const slots = ['key', 'tenant'].map((holder) => ({ name: `under_way.${holder}`, per_second: null, most: 2_000 }));
  const rows = tenants.flatMap(({ id }) =>
    [...rates, ...slots].map((limit) => ({ tenant_id: id, ...limit, set_by: 'owner@msp' })),
  );
  await admin.insertInto('tenant_limits').values(rows).execute();
  return fixture;
}
