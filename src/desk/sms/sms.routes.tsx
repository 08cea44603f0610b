import { page } from "../../http/answer.ts";
import type { Desk } from "../roles/desk.ts";
import { SmsPage } from "./sms.pages.tsx";
import type { SmsWatch } from "./sms.ts";

/** `/desk/sms`: how many SMS go where, and how near the ceilings are. */
export function smsRoutes(desk: Desk, deps: { hasSms: boolean; watch: SmsWatch }): void {
  desk.get("/desk/sms", "sms.see", async (visit, staff) =>
    page(
      <SmsPage
        view={visit.view({ person: staff })}
        staff={staff}
        hasSms={deps.hasSms}
        seen={await deps.watch.see()}
      />,
    ),
  );
}
