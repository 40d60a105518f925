// model/ is pure and may not import the platform: the two lists are compared with it by a test
export const MSP_ROLES = ['owner', 'operator', 'technician', 'auditor'] as const;
export const CUSTOMER_ROLES = ['customer_admin', 'approver', 'requester', 'auditor'] as const;
export type Role = (typeof MSP_ROLES)[number] | (typeof CUSTOMER_ROLES)[number];
