import { migrate } from '#libs/platform/database';

/**
 * Creates the database, its roles and its tables. Environment: STELLWERK_DATABASE_ADMIN_URL, STELLWERK_DATABASE_NAME
 * (default `stellwerk`), STELLWERK_DATABASE_ROLE_PASSWORD.
 */
const {
  STELLWERK_DATABASE_ADMIN_URL: adminUrl,
  STELLWERK_DATABASE_NAME: name = 'stellwerk',
  STELLWERK_DATABASE_ROLE_PASSWORD: rolePassword,
} = process.env;
if (!adminUrl || !rolePassword) {
  console.error('Set STELLWERK_DATABASE_ADMIN_URL and STELLWERK_DATABASE_ROLE_PASSWORD.');
  process.exit(2);
}
const applied = await migrate({ adminUrl, name, rolePassword });
console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to migrate');
