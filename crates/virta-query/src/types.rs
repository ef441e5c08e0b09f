use arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::error::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{DataType as Written, TimezoneInfo};

/// What types written in a query mean: `time` is the type of the tables' times of day, so that
/// `start_time >= time '12:00'` compares like with like.
#[derive(Debug)]
pub(crate) struct WrittenTypes;

impl TypePlanner for WrittenTypes {
    fn plan_type_field(&self, written: &Written) -> Result<Option<FieldRef>> {
        Ok(match written {
            Written::Time(None, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => {
                Some(Field::new("", DataType::Time32(TimeUnit::Millisecond), true).into())
            }
            _ => None,
        })
    }
}
