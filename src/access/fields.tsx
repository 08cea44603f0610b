import type { ChannelKind } from "../config/preset.ts";
import { Radios } from "../ui/choices.tsx";
import { PasswordField, type PasswordRules } from "../ui/password-field.tsx";
import { TextField } from "../ui/text-fields.tsx";
import type { View } from "../ui/view.ts";

/** Who the form is about, with the way out for those who forgot it, in the words of `forgot`. */
export function IdentifierField(props: {
  view: View;
  label: string;
  hint?: string;
  value?: string;
  forgot: string;
}) {
  const { forgot, ...field } = props;
  return (
    <TextField
      {...field}
      name="identifier"
      autocomplete="username"
      aside={{ href: "/forgot-identifier", label: forgot }}
      required
    />
  );
}

/** The channel that the message takes: asked only where there is a choice. */
export function ChannelChoice({
  view,
  channels,
  value,
}: {
  view: View;
  channels: ChannelKind[];
  value: ChannelKind;
}) {
  const { t } = view;
  if (channels.length < 2) return null;
  return (
    <Radios
      view={view}
      name="channel"
      legend={t("recovery.channel")}
      options={channels.map((channel) => ({ value: channel, label: t(`recovery.channel.${channel}`) }))}
      value={value}
    />
  );
}

/** A password to be chosen, with the rules it is judged by. `username`: see `PasswordField`. */
export function NewPasswordField(props: {
  view: View;
  name: string;
  label: string;
  username?: string;
  rules: PasswordRules;
}) {
  return (
    <PasswordField {...props} hint={props.view.t("password.advice")} autocomplete="new-password" required />
  );
}

/** The password of somebody signed in, asked once more before an act that matters. */
export function PasswordAgainField(props: { view: View; identifier: string; hint?: string }) {
  const { view, identifier, hint } = props;
  const { t } = view;
  return (
    <PasswordField
      view={view}
      name="current-password"
      label={t("password-again.label")}
      hint={hint}
      autocomplete="current-password"
      username={identifier}
      aside={{ href: "/forgot-password", label: t("password-again.forgot") }}
      required
    />
  );
}
