import type { Feature } from '../feature.js';
import { ProtectedAccountsController } from './protected-accounts.controller.js';
import { ProtectedAccounts } from './protected-accounts.js';

export const protectedAccountsFeature: Feature = {
  controllers: [ProtectedAccountsController],
  providers: ({ database }) => [{ provide: ProtectedAccounts, useValue: new ProtectedAccounts(database) }],
};
