import { endWithNpm } from "../bin/npm-parent.js";
import { isNodeRecent, rerunOnOwnNode } from "../bin/own-node.js";

if (isNodeRecent()) {
  endWithNpm();
  await import("./run-tests.js");
} else rerunOnOwnNode();
