interface Judgement {
  rules: Record<string, boolean>;
  /** From 0 to 4. */
  score: number;
}

const pauseBeforeAsking = 400;

/** Ticks the rules of a new password as they are met: what can be known here at once, the rest from the server. */
export function checkPasswordRules(list: HTMLElement): void {
  const field = document.getElementById(list.dataset.passwordRules ?? "");
  if (!(field instanceof HTMLInputElement) || !field.form) return;
  const unlike: string[] = JSON.parse(list.dataset.unlike ?? "[]");
  const hints: string[] = JSON.parse(list.dataset.hints ?? "[]");
  const hinting = [...field.form.querySelectorAll("input")].filter(({ name }) => hints.includes(name));
  let timer = 0;
  let asked: AbortController | undefined;

  const resembles = () => unlike.some((word) => word.length > 2 && contains(field.value, word));
  const check = () => {
    asked?.abort();
    clearTimeout(timer);
    if (!field.value) return clear(list);
    tick(list, "length", [...field.value.normalize("NFKC")].length >= Number(list.dataset.minLength));
    if (resembles()) tick(list, "unlike", false);
    timer = setTimeout(ask, pauseBeforeAsking);
  };
  const ask = async () => {
    const body = new URLSearchParams({ password: field.value });
    for (const input of hinting) body.set(input.name, input.value);
    asked = new AbortController();
    try {
      const answer = await fetch("/password/check", { method: "POST", body, signal: asked.signal });
      if (!answer.ok) return;
      const { rules, score }: Judgement = await answer.json();
      for (const [id, met] of Object.entries(rules)) tick(list, id, met && !(id === "unlike" && resembles()));
      showStrength(list, score);
    } catch {
      // Replaced by a later question, or offline: the server judges again when the form is sent.
    }
  };
  for (const input of [field, ...hinting]) input.addEventListener("input", check);
  check();
}

const contains = (text: string, word: string) => text.toLowerCase().includes(word.toLowerCase());

function showStrength(list: HTMLElement, score: number): void {
  const strengths: string[] = JSON.parse(list.dataset.strengths ?? "[]");
  const strength = list.querySelector<HTMLElement>(".strength");
  const meter = list.querySelector("meter");
  const output = list.querySelector("output");
  if (!strength || !meter || !output) return;
  strength.hidden = false;
  meter.value = score;
  output.value = strengths[score] ?? "";
}

function tick(list: HTMLElement, id: string, met: boolean): void {
  const rule = list.querySelector(`[data-rule="${CSS.escape(id)}"]`);
  const state = rule?.querySelector("[data-state]");
  rule?.classList.toggle("is-met", met);
  if (state) state.textContent = `${(met ? list.dataset.met : list.dataset.unmet) ?? ""} `;
}

function clear(list: HTMLElement): void {
  for (const rule of list.querySelectorAll<HTMLElement>("[data-rule]")) {
    tick(list, rule.dataset.rule ?? "", false);
  }
  list.querySelector(".strength")?.toggleAttribute("hidden", true);
}
