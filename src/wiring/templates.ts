import { accountPageMessages } from "../access/account-page/account-page.messages.tsx";
import { activationMessages } from "../access/activation/activation.messages.tsx";
import { activationStepsMessages } from "../access/activation/activation-steps.messages.tsx";
import { confirmationMessages } from "../access/confirmation/confirmation.messages.tsx";
import { contactsMessages } from "../access/contacts/contacts.messages.tsx";
import { recallMessages } from "../access/identifier-recall/identifier-recall.messages.tsx";
import { lockoutMessages } from "../access/lockout/lockout.messages.tsx";
import { recoveryMessages } from "../access/recovery/recovery.messages.tsx";
import { registrationMessages } from "../access/registration/registration.messages.tsx";
import { secondFactorMessages } from "../access/second-factor/second-factor.messages.tsx";
import { truthMessages } from "../access/truth/truth.messages.tsx";
import { casesMessages } from "../desk/cases/cases.messages.tsx";
import { escalationMessages } from "../desk/cases/escalation.messages.tsx";
import { chatMessages } from "../desk/chat/chat.messages.tsx";
import { peopleMessages } from "../desk/people/people.messages.tsx";
import { staffMessages } from "../desk/roles/staff.messages.tsx";
import { accountStateMessages } from "../help/diagnosis/account-state.messages.tsx";
import { familiesMessages } from "../school/families/families.messages.tsx";
import { registryImportMessages } from "../school/registry-import/registry-import.messages.tsx";
import type { MessageTemplates } from "../ui/message-template.ts";

/** Every message that the portal can send. */
export const templates: MessageTemplates = {
  ...truthMessages,
  ...accountStateMessages,
  ...registrationMessages,
  ...confirmationMessages,
  ...contactsMessages,
  ...accountPageMessages,
  ...lockoutMessages,
  ...recoveryMessages,
  ...recallMessages,
  ...activationMessages,
  ...activationStepsMessages,
  ...secondFactorMessages,
  ...familiesMessages,
  ...staffMessages,
  ...peopleMessages,
  ...casesMessages,
  ...chatMessages,
  ...escalationMessages,
  ...registryImportMessages,
};
