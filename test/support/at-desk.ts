import type { Scene } from "./journey.ts";
import { atTheDesk, type MadeStaff } from "./staff.ts";
import { nextAddress, type Visitor, type VisitorOptions } from "./visitor.ts";

/**
 * A member of staff at their desk, in a browser that gave password and second factor by plain forms: the pages of that
 * way are walked by `enters-the-desk`.
 */
export async function visitorAtDesk(
  scene: Scene,
  staff: MadeStaff,
  options: VisitorOptions = {},
): Promise<Visitor> {
  const address = options.address ?? nextAddress();
  const browser = await atTheDesk(scene.portal, staff, { "x-forwarded-for": address });
  const visitor = await scene.visitor({ ...options, address });
  await visitor.context.addCookies(
    browser.cookies().map(([name, value]) => ({ name, value, url: scene.portal.url })),
  );
  await visitor.open("/desk");
  return visitor;
}
