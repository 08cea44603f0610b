import { academyCode, collegeCode, lyceeCode } from "./schools.ts";
import { active, declared, email, mobile, type TrialPerson, type TrialPlace } from "./trial-person.ts";

/**
 * The people of the invented schools: families whose stories meet, and one member of staff of each role. Most belong to
 * the collège; the lycée is what its staff cannot see.
 */
const atCollege = (more: Partial<TrialPlace> = {}): TrialPlace => ({ code: collegeCode, ...more });
const atLycee = (more: Partial<TrialPlace> = {}): TrialPlace => ({ code: lyceeCode, ...more });
const child = (username: string, kinship: string, level: 1 | 2 | 3 = 1) => ({ username, level, kinship });

const lavoir = ["4 rue du Lavoir", "00100 SAINT-AURE"];

const guardians: TrialPerson[] = [
  {
    story: "guardian",
    name: "Claire Martin",
    kind: "guardian",
    username: "c.martin",
    ...active,
    contacts: [email("famille.martin@example.fr"), mobile("01")],
    place: atCollege({ children: [child("n.martin3", "mother"), child("j.martin12", "mother")] }),
  },
  {
    story: "number-changed-at-school",
    name: "Samir Benali",
    kind: "guardian",
    username: "s.benali",
    ...active,
    contacts: [email("samir.benali@example.org"), mobile("02", declared)],
    place: atCollege({ children: [child("l.benali", "father")] }),
  },
  {
    story: "not-activated",
    name: "Inès Robert",
    kind: "guardian",
    username: "i.robert",
    status: "pending",
    hasPassword: false,
    contacts: [email("ines.robert@example.fr", declared), mobile("04", declared)],
    place: atCollege({ postal: lavoir, children: [child("t.robert", "mother")] }),
  },
  {
    story: "locked",
    name: "Paul Durand",
    kind: "guardian",
    username: "p.durand",
    ...active,
    isLocked: true,
    contacts: [email("paul.durand@example.fr"), mobile("03")],
    place: atCollege({ children: [child("h.petit", "beau-père", 2)] }),
  },
  {
    story: "dead-email",
    name: "Julie Garnier",
    kind: "guardian",
    username: "j.garnier",
    ...active,
    contacts: [email("julie.garnier@example.fr", { deadReason: "550 5.1.1 No such mailbox" }), mobile("05")],
    place: atCollege({ children: [child("h.petit", "mother")] }),
  },
  {
    story: "disabled",
    name: "Marc Lefèvre",
    kind: "guardian",
    username: "m.lefevre",
    status: "disabled",
    hasPassword: true,
    contacts: [email("marc.lefevre@example.fr"), mobile("06")],
    place: atCollege({ children: [child("t.robert", "father")] }),
  },
  {
    story: "two-schools",
    name: "Sophie Lambert",
    kind: "guardian",
    username: "s.lambert",
    ...active,
    contacts: [email("sophie.lambert@example.fr"), mobile("09")],
    place: atCollege({ children: [child("e.lambert", "mother")] }),
  },
  {
    story: "two-schools-unproved",
    name: "Sophie Lambert",
    kind: "guardian",
    username: "s.lambert2",
    ...active,
    contacts: [email("sophie.lambert@example.fr", declared)],
    place: atLycee({ children: [child("l.lambert", "mother")] }),
  },
  {
    story: "same-name-father",
    name: "Michel Leroy",
    kind: "guardian",
    username: "m.leroy",
    ...active,
    contacts: [email("michel.leroy@example.fr"), mobile("08")],
    place: atLycee({ children: [child("m.leroy2", "father")] }),
  },
  {
    story: "wrong-link",
    name: "Karim Haddad",
    kind: "guardian",
    username: "k.haddad",
    ...active,
    contacts: [email("karim.haddad@example.fr"), mobile("10")],
    place: atCollege({ children: [child("e.lambert", "autre", 3)] }),
  },
];

const pupils: TrialPerson[] = [
  {
    story: "pupil",
    name: "Lina Benali",
    kind: "pupil",
    username: "l.benali",
    ...active,
    contacts: [email("lina.benali@example.org")],
    place: atCollege({ classCode: "4B", birthDate: "2013-02-07" }),
  },
  {
    story: "family-mailbox",
    name: "Noé Martin",
    kind: "pupil",
    username: "n.martin3",
    ...active,
    contacts: [email("famille.martin@example.fr")],
    place: atCollege({ classCode: "6A", birthDate: "2015-09-30" }),
  },
  {
    story: "family-mailbox",
    name: "Jade Martin",
    kind: "pupil",
    username: "j.martin12",
    ...active,
    contacts: [email("famille.martin@example.fr")],
    place: atCollege({ classCode: "4B", birthDate: "2013-06-18" }),
  },
  {
    story: "no-email",
    name: "Hugo Petit",
    kind: "pupil",
    username: "h.petit",
    ...active,
    contacts: [],
    place: atCollege({ classCode: "6A", birthDate: "2015-11-02" }),
  },
  {
    story: "pupil-not-activated",
    name: "Tom Robert",
    kind: "pupil",
    username: "t.robert",
    status: "pending",
    hasPassword: false,
    contacts: [],
    place: atCollege({ classCode: "6A", birthDate: "2015-03-14", postal: lavoir }),
  },
  {
    story: "pupil-of-two-schools",
    name: "Eva Lambert",
    kind: "pupil",
    username: "e.lambert",
    ...active,
    contacts: [email("eva.lambert@example.org")],
    place: atCollege({ classCode: "4B", birthDate: "2013-12-24" }),
  },
  {
    story: "pupil-at-lycee",
    name: "Lucas Lambert",
    kind: "pupil",
    username: "l.lambert",
    ...active,
    contacts: [email("lucas.lambert@example.org")],
    place: atLycee({ classCode: "2C", birthDate: "2011-04-05" }),
  },
  {
    story: "same-name-son",
    name: "Michel Leroy",
    kind: "pupil",
    username: "m.leroy2",
    ...active,
    contacts: [mobile("08")],
    place: atLycee({ classCode: "2C", birthDate: "2011-08-21" }),
  },
];

const atWork = (role: string, name: string, username: string, mailbox: string): TrialPerson => ({
  story: role,
  name,
  kind: "staff",
  username,
  role,
  ...active,
  contacts: [email(`${mailbox}@example.org`)],
  place: atCollege(),
});

const staff: TrialPerson[] = [
  atWork("school-office", "Brigitte Colin", "b.colin", "brigitte.colin"),
  atWork("pupil-life-office", "David Nguyen", "d.nguyen", "david.nguyen"),
  atWork("head", "Hélène Vasseur", "h.vasseur", "helene.vasseur"),
  atWork("it-relay", "Rémi Caron", "r.caron", "remi.caron"),
  { ...atWork("academic-support", "Nadia Cherif", "n.cherif", "nadia.cherif"), place: { code: academyCode } },
  {
    story: "staff",
    name: "Anne Moreau",
    kind: "staff",
    username: "a.moreau",
    ...active,
    contacts: [email("anne.moreau@example.org"), mobile("07")],
    place: atCollege(),
  },
];

/** Everybody of the invented schools but whoever runs the portal. */
export const schoolPeople: TrialPerson[] = [...guardians, ...pupils, ...staff];
