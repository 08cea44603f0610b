/** Where a page of the help stands, for those who look for it from outside. */
export interface HelpAddresses {
  /** The one address of what this page says. */
  canonical: string;
  alternates: { locale: string; href: string }[];
}

/** The elements of `head` that search engines read (RFC 6596; `hreflang`, HTML standard §4.6.7). */
export function HelpHead({ addresses, summary }: { addresses: HelpAddresses; summary: string }) {
  return (
    <>
      <meta name="description" content={summary} />
      <link rel="canonical" href={addresses.canonical} />
      {addresses.alternates.map(({ locale, href }) => (
        <link key={locale} rel="alternate" hreflang={locale} href={href} />
      ))}
    </>
  );
}

/** For pages that only repeat what others say. */
export const NotIndexed = () => <meta name="robots" content="noindex" />;
