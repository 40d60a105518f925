import type { Feature } from '../feature.js';
import { SecretDesk } from './secret-desk.js';
import { SecretsController } from './secrets.controller.js';

export const secretsFeature: Feature = {
  controllers: [SecretsController],
  providers: ({ database, keys }) => [{ provide: SecretDesk, useValue: new SecretDesk(database, keys) }],
};
