/** First names and surnames to combine into invented people, the frequent ones first, as in a real directory. */
const firstNames =
  `Marie Jean Mohamed Nathalie Pierre Fatima Isabelle Michel Sylvie Philippe Catherine Nicolas Léa Julien
  Camille Thomas Aïcha Laurent Stéphanie Karim Céline Christophe Sandrine Ahmed Valérie David Khadija Sébastien Julie Olivier
  Emma François Yasmine Alexandre Sophie Youssef Chloé Frédéric Manon Antoine Inès Guillaume Sarah Mehdi Aurélie Romain Lina
  Vincent Élodie Hugo Samira Maxime Charlotte Rachid Mélanie Lucas Naïma Benoît Hélène Louis Pauline Omar Virginie Gabriel
  Zohra Mathieu Océane Ali Caroline Arthur Salma Jérôme Agathe Hassan Véronique Raphaël Jade Ibrahim Émilie Adam Maëlle
  Abdelkader Brigitte Jules Leïla Thierry Anaïs Bilal Clémence Noé Nadia Bruno Juliette Amine Corinne Paul Louise Ismaël
  Françoise Théo Malika Gérard Margaux Walid Patricia Éloïse Mustapha Sacha Solène Tarik Monique Gaël Hanane Loïc Zoé Rayan
  Cécile Titouan Souad Armand Ambre Driss Odile Côme Houria Yann Capucine Nassim Bérénice Erwan Ikram Anselme Apolline`
    .trim()
    .split(/\s+/);

const surnames =
  `Martin Bernard Benali Thomas Petit Robert Haddad Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre
  Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller Lefèvre Faure André
  Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry
  Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud
  Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard
  Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq
  Guillaume Lecomte Lopez Jean Dupuy Guillot Hubert Berger Carpentier Sanchez Dupuis Moulin Louis Deschamps Huet Vasseur Perez
  Boucher Fleury Royer Klein Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles Renault Charpentier Ménard Maillard
  Baron Bertin Bailly Hervé Schneider Fernandez Collet Léger Bouvier Julien Prévost Millet Perrot Daniel Cousin Germain Breton
  Besson Langlois Rémy Le-Goff Pelletier Lévêque Perrier Leblanc Barré Lebrun Marchal Weber Mallet Hamon Boulanger Jacob
  Monnier Michaud Rodriguez Guichard Gillet Étienne Grondin Poulain Tessier Chevallier Collin Chauvin Da-Silva Bouchet Gay
  Lemaître Bénard Maréchal Humbert Reynaud Antoine Hoarau Perret Barthélemy Cordier Pichon Lejeune Gilbert Lamy Delaunay Pasquier
  Carlier Laporte Cherif Bouzid Saïdi Amrani Belkacem Mansouri Ziani Tahiri Berrada Khelifi Slimani Boukhari Guerfi Naceri
  Benkirane Chaouch Dahmani El-Fassi Ferhat Ghazal Hamdi Idrissi Jebali Kaddour Lahlou Meziane Nouri Ouali Qasmi Rahmani Sebti
  Touati Yahiaoui Zeroual Fenouillet Quatrepierres Vertbois Lanterneau Beaupuits Champlure Grandsaule Rochebrune`
    .trim()
    .split(/\s+/)
    .map((name) => name.replace("-", " "));

/** The same number for the same index, spread over 32 bits. */
function scatter(index: number, salt: number): number {
  let bits = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}

/** How often each comes up, added up: the first some twenty times as often as the last. */
function shares(names: string[]): number[] {
  let sum = 0;
  return names.map((_, rank) => {
    sum += 1 / (rank + 12);
    return sum;
  });
}
const firstShares = shares(firstNames);
const surnameShares = shares(surnames);

function draw(names: string[], sums: number[], bits: number): string {
  const wanted = (bits / 2 ** 32) * (sums.at(-1) as number);
  const at = sums.findIndex((sum) => sum > wanted);
  return names[at] as string;
}

/** The invented name of a person: always the same for the same index. One in eight has two surnames. */
export function nameOf(index: number): string {
  const first = draw(firstNames, firstShares, scatter(index, 1));
  const surname = draw(surnames, surnameShares, scatter(index, 2));
  const second = scatter(index, 3) % 8 === 0 ? `-${draw(surnames, surnameShares, scatter(index, 4))}` : "";
  return `${first} ${surname}${second}`;
}
