//! The labels that answers are known by, in English and Russian. They are compared without case, punctuation and ё.

use super::{LabelSet, Scale};

/// The five answers of a Kano pair: 1 like, 2 must-be, 3 neutral, 4 live with, 5 dislike.
pub const KANO: Scale =
    Scale { name: "kano", low: 1, high: 5, sets: &[LabelSet { name: "Kano", labels: KANO_LABELS }] };

/// The three answers of a short Kano pair: 1 like, 2 neutral, 3 dislike.
pub const KANO_OF_THREE: Scale = Scale {
    name: "Kano of three",
    low: 1,
    high: 3,
    sets: &[LabelSet { name: "Kano of three", labels: KANO_THREE_LABELS }],
};

/// Importance: 5 is the most.
pub const IMPORTANCE: Scale = Scale {
    name: "importance",
    low: 1,
    high: 5,
    sets: &[
        LabelSet { name: "not at all to extremely important", labels: IMPORTANCE_UNIPOLAR },
        LabelSet { name: "very unimportant to very important", labels: IMPORTANCE_BIPOLAR },
    ],
};

/// Satisfaction: 5 is the most. "Very satisfied" is 4 where the scale ends at "extremely satisfied", and 5 where it begins at "very dissatisfied".
pub const SATISFACTION: Scale = Scale {
    name: "satisfaction",
    low: 1,
    high: 5,
    sets: &[
        LabelSet { name: "not at all to extremely satisfied", labels: SATISFACTION_UNIPOLAR },
        LabelSet { name: "very dissatisfied to very satisfied", labels: SATISFACTION_BIPOLAR },
    ],
};

/// Agreement: 5 is the most.
pub const AGREEMENT: Scale =
    Scale { name: "agreement", low: 1, high: 5, sets: &[LabelSet { name: "agreement", labels: AGREEMENT_LABELS }] };

/// Yes is 1, no is 0.
pub const YES_NO: Scale =
    Scale { name: "yes or no", low: 0, high: 1, sets: &[LabelSet { name: "yes or no", labels: YES_NO_LABELS }] };

/// A rating, as agreement or yes and no where it has labels.
pub const RATING: Scale = Scale { name: "rating", low: 0, high: 10, sets: &[AGREEMENT.sets[0], YES_NO.sets[0]] };

/// Answers that say that there is none.
pub(super) const NO_OPINION: &[&str] = &[
    "don't know",
    "do not know",
    "dont know",
    "can't say",
    "not sure",
    "no answer",
    "no opinion",
    "not applicable",
    "n/a",
    "dk",
    "не знаю",
    "затрудняюсь ответить",
    "затрудняюсь",
    "нет ответа",
    "не могу сказать",
    "не могу оценить",
    "неприменимо",
    "н/д",
];

const KANO_LABELS: &[(&str, f64)] = &[
    ("like", 1.0),
    ("i like it", 1.0),
    ("i like it that way", 1.0),
    ("i like it this way", 1.0),
    ("i would like it", 1.0),
    ("i enjoy it that way", 1.0),
    ("нравится", 1.0),
    ("мне нравится", 1.0),
    ("мне это нравится", 1.0),
    ("мне так нравится", 1.0),
    ("must-be", 2.0),
    ("must be", 2.0),
    ("expect", 2.0),
    ("i expect it", 2.0),
    ("it must be that way", 2.0),
    ("i expect it to be that way", 2.0),
    ("it is a basic necessity", 2.0),
    ("ожидаю", 2.0),
    ("я этого ожидаю", 2.0),
    ("так должно быть", 2.0),
    ("так и должно быть", 2.0),
    ("должно быть так", 2.0),
    ("neutral", 3.0),
    ("i am neutral", 3.0),
    ("i don't care", 3.0),
    ("все равно", 3.0),
    ("мне все равно", 3.0),
    ("безразлично", 3.0),
    ("мне безразлично", 3.0),
    ("нейтрально", 3.0),
    ("live with", 4.0),
    ("live-with", 4.0),
    ("i can live with it", 4.0),
    ("i can live with it that way", 4.0),
    ("tolerate", 4.0),
    ("i can tolerate it", 4.0),
    ("терпимо", 4.0),
    ("могу смириться", 4.0),
    ("могу с этим смириться", 4.0),
    ("я могу с этим смириться", 4.0),
    ("могу с этим жить", 4.0),
    ("dislike", 5.0),
    ("i dislike it", 5.0),
    ("i dislike it that way", 5.0),
    ("i do not like it", 5.0),
    ("i don't like it", 5.0),
    ("не нравится", 5.0),
    ("мне не нравится", 5.0),
    ("мне это не нравится", 5.0),
    ("мне так не нравится", 5.0),
];

const KANO_THREE_LABELS: &[(&str, f64)] = &[
    ("like", 1.0),
    ("i like it", 1.0),
    ("нравится", 1.0),
    ("мне нравится", 1.0),
    ("мне это нравится", 1.0),
    ("neutral", 2.0),
    ("i am neutral", 2.0),
    ("i don't care", 2.0),
    ("все равно", 2.0),
    ("мне все равно", 2.0),
    ("безразлично", 2.0),
    ("dislike", 3.0),
    ("i dislike it", 3.0),
    ("не нравится", 3.0),
    ("мне не нравится", 3.0),
    ("мне это не нравится", 3.0),
];

const IMPORTANCE_UNIPOLAR: &[(&str, f64)] = &[
    ("not at all important", 1.0),
    ("somewhat important", 2.0),
    ("slightly important", 2.0),
    ("important", 3.0),
    ("moderately important", 3.0),
    ("very important", 4.0),
    ("extremely important", 5.0),
    ("совсем не важно", 1.0),
    ("совершенно не важно", 1.0),
    ("немного важно", 2.0),
    ("отчасти важно", 2.0),
    ("важно", 3.0),
    ("умеренно важно", 3.0),
    ("очень важно", 4.0),
    ("крайне важно", 5.0),
];

const IMPORTANCE_BIPOLAR: &[(&str, f64)] = &[
    ("very unimportant", 1.0),
    ("unimportant", 2.0),
    ("not important", 2.0),
    ("neutral", 3.0),
    ("neither important nor unimportant", 3.0),
    ("important", 4.0),
    ("very important", 5.0),
    ("совсем не важно", 1.0),
    ("не важно", 2.0),
    ("скорее не важно", 2.0),
    ("нейтрально", 3.0),
    ("важно", 4.0),
    ("скорее важно", 4.0),
    ("очень важно", 5.0),
];

const SATISFACTION_UNIPOLAR: &[(&str, f64)] = &[
    ("not at all satisfied", 1.0),
    ("somewhat satisfied", 2.0),
    ("slightly satisfied", 2.0),
    ("satisfied", 3.0),
    ("moderately satisfied", 3.0),
    ("very satisfied", 4.0),
    ("extremely satisfied", 5.0),
    ("совсем не устраивает", 1.0),
    ("отчасти устраивает", 2.0),
    ("устраивает", 3.0),
    ("очень устраивает", 4.0),
    ("полностью устраивает", 5.0),
];

const SATISFACTION_BIPOLAR: &[(&str, f64)] = &[
    ("very dissatisfied", 1.0),
    ("dissatisfied", 2.0),
    ("neutral", 3.0),
    ("neither satisfied nor dissatisfied", 3.0),
    ("satisfied", 4.0),
    ("very satisfied", 5.0),
    ("совсем не доволен", 1.0),
    ("очень недоволен", 1.0),
    ("недоволен", 2.0),
    ("скорее недоволен", 2.0),
    ("нейтрально", 3.0),
    ("доволен", 4.0),
    ("скорее доволен", 4.0),
    ("очень доволен", 5.0),
];

const AGREEMENT_LABELS: &[(&str, f64)] = &[
    ("strongly disagree", 1.0),
    ("disagree", 2.0),
    ("neutral", 3.0),
    ("neither agree nor disagree", 3.0),
    ("agree", 4.0),
    ("strongly agree", 5.0),
    ("полностью не согласен", 1.0),
    ("совершенно не согласен", 1.0),
    ("не согласен", 2.0),
    ("скорее не согласен", 2.0),
    ("нейтрально", 3.0),
    ("ни да ни нет", 3.0),
    ("согласен", 4.0),
    ("скорее согласен", 4.0),
    ("полностью согласен", 5.0),
    ("совершенно согласен", 5.0),
];

const YES_NO_LABELS: &[(&str, f64)] = &[
    ("yes", 1.0),
    ("true", 1.0),
    ("ticked", 1.0),
    ("selected", 1.0),
    ("да", 1.0),
    ("no", 0.0),
    ("false", 0.0),
    ("not ticked", 0.0),
    ("not selected", 0.0),
    ("нет", 0.0),
];
