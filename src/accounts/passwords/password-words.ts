/**
 * Words that stand at the head of many French passwords and that the word lists rank too low or miss: what the
 * field itself is called, keyboards, endearments, first pets, clubs, towns with their postcode, school life, years'
 * names. The order is the rank: the first are guessed first.
 */
export const usualPasswordWords: readonly string[] = [
  ..."motdepasse mdp azerty azertyuiop azertyuiopqsdfghjklm qsdfghjklm wxcvbn aqwzsx nouveaumotdepasse".split(
    " ",
  ),
  ..."monmotdepasse lemotdepasse changezmoi changeme secret bonjour bonsoir salut coucou bienvenue".split(
    " ",
  ),
  ..."jetaime jtaime mamour monamour amour cheri cherie loulou louloute doudou chouchou choupette".split(" "),
  ..."bisous bisounours nounours princesse soleil etoile licorne papillon coccinelle tournesol".split(" "),
  ..."chocolat nutella vanille caramel fraise cerise chaton minou caramelle filou felix oscar rex".split(" "),
  ..."maman papa mamie papi famille enfants vacances noel printemps automne hiver".split(" "),
  ..."marseille paris lyon toulouse bordeaux nantes lille strasbourg rennes montpellier bretagne".split(" "),
  ..."corse reunion guadeloupe martinique france allezlesbleus champion football rugby psg".split(" "),
  ..."ecole college lycee pronote parents eleve cantine classe rentree portail espace identifiant".split(" "),
  ..."sixieme cinquieme quatrieme troisieme seconde premiere terminale internet ordinateur".split(" "),
  ..."admin administrateur utilisateur invite test essai demo password passwort welcome".split(" "),
];
