import { ImportRequests } from '#libs/requests';
import type { Feature } from '../feature.js';
import { ImportsController } from './imports.controller.js';

export const importsFeature: Feature = {
  controllers: [ImportsController],
  providers: ({ database, hint }) => [{ provide: ImportRequests, useValue: new ImportRequests(database, hint) }],
};
