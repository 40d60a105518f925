import type { Feature } from '../feature.js';
import { ApprovalLinkPage } from './approval-link.page.js';
import { ApprovalsController } from './approvals.controller.js';
import { Delegations } from './delegations.js';
import { DelegationsController } from './delegations.controller.js';
import { ListApprovals } from './list-approvals.js';
import { ApprovalPolicies } from './policies.js';
import { PoliciesController } from './policies.controller.js';

export const approvalsFeature: Feature = {
  controllers: [ApprovalsController, PoliciesController, DelegationsController],
  providers: ({ database }) => [
    { provide: ListApprovals, useValue: new ListApprovals(database) },
    { provide: ApprovalPolicies, useValue: new ApprovalPolicies(database) },
    { provide: Delegations, useValue: new Delegations(database) },
  ],
  linkPages: ({ hint }) => [new ApprovalLinkPage(hint)],
};
