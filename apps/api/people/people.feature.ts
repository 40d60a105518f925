import type { Feature } from '../feature.js';
import { Identities } from './identities.js';
import { IdentitiesController } from './identities.controller.js';
import { PeopleController } from './people.controller.js';
import { People } from './people.js';

export const peopleFeature: Feature = {
  controllers: [PeopleController, IdentitiesController],
  providers: ({ database }) => [
    { provide: People, useValue: new People(database) },
    { provide: Identities, useValue: new Identities(database) },
  ],
};
