//! The closed code lists of the store's columns.

use std::fmt;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every code, in the order of its number.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The code as it stands in tables.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The code of an exact text.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

codes!(Sex { Female = "female", Male = "male", Unknown = "unknown" });
codes!(
    /// How much of a birth date is known.
    BirthPrecision { Day = "day", Month = "month", Year = "year" }
);
codes!(
    /// The form of a contact.
    Mode {
        Visit = "visit",
        Home = "home",
        Phone = "phone",
        Remote = "remote",
        Ward = "ward",
        Residential = "residential",
        Decision = "decision",
        Other = "other",
    }
);
codes!(Urgency { Elective = "elective", Urgent = "urgent", Emergency = "emergency", Unknown = "unknown" });
codes!(
    /// Where a contact's cost comes from: never silently.
    CostSource { Extract = "extract", UnitCost = "unit_cost", None = "none" }
);
codes!(
    /// The sector that a service belongs to. Health is primary or specialised.
    Sector { Social = "social", Primary = "primary", Specialised = "specialised", Other = "other" }
);
codes!(PlanKind { MultiServicePlan = "multi_service_plan", ResponsibleWorker = "responsible_worker", Consent = "consent" });
codes!(Tier { Guidance = "guidance", Basic = "basic", Multidisciplinary = "multidisciplinary" });
