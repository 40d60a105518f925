/**
 * What a mail server that lives on a directory keeps beside `mail`: further addresses, forwarding, an absence text; and where
 * and by whose word somebody uses it. There is no standard for all of it (`inetLocalMailRecipient` has one forwarding address
 * and no more, `c` is allowed by no class of a person), so the demo customers have a class of their own. Its numbers lie below 1.3.6.1.4.1.32473, which is reserved for examples (RFC 5612).
 */
const ARC = '1.3.6.1.4.1.32473.1';
const IA5_STRING = '1.3.6.1.4.1.1466.115.121.1.26{256}';
const BOOLEAN = '1.3.6.1.4.1.1466.115.121.1.7';
const DISTINGUISHED_NAME = '1.3.6.1.4.1.1466.115.121.1.12';
const TEXT = '1.3.6.1.4.1.1466.115.121.1.15{32768}';

/** The auxiliary class of people who have a mailbox. */
export const MAILBOX_CLASS = 'demoMailbox';

/** The class and its attributes as directives of `slapd.conf`. */
export const mailboxSchema = `attributetype ( ${ARC}.1.1 NAME 'mailAlias'
  DESC 'Further address of the mailbox' EQUALITY caseIgnoreIA5Match SYNTAX ${IA5_STRING} )
attributetype ( ${ARC}.1.2 NAME 'mailForwardTo'
  DESC 'Address that gets the mail' EQUALITY caseIgnoreIA5Match SYNTAX ${IA5_STRING} )
attributetype ( ${ARC}.1.3 NAME 'mailForwardKeepCopy'
  DESC 'Forwarded mail stays in the mailbox, too' EQUALITY booleanMatch SYNTAX ${BOOLEAN} SINGLE-VALUE )
attributetype ( ${ARC}.1.4 NAME 'outOfOfficeText'
  DESC 'Answer to every sender' EQUALITY caseIgnoreMatch SYNTAX ${TEXT} SINGLE-VALUE )
attributetype ( ${ARC}.1.5 NAME 'sponsor'
  DESC 'Who answers for this person' EQUALITY distinguishedNameMatch SYNTAX ${DISTINGUISHED_NAME} )
objectclass ( ${ARC}.2.1 NAME '${MAILBOX_CLASS}' SUP top AUXILIARY
  MAY ( mailAlias $ mailForwardTo $ mailForwardKeepCopy $ outOfOfficeText $ c $ sponsor ) )
`;

/** What the configuration of a customer's directory says about it. */
export const mailboxSettings = {
  newUserClasses: [MAILBOX_CLASS],
  mailAliasAttribute: 'mailAlias',
  mailForwardingAttribute: 'mailForwardTo',
  mailKeepCopyAttribute: 'mailForwardKeepCopy',
  outOfOfficeAttribute: 'outOfOfficeText',
  usageLocationAttribute: 'c',
  sponsorAttribute: 'sponsor',
} as const;
