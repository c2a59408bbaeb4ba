namespace Store
{
    public class ShelfTest
    {
        public void Holds()
        {
        }

        public void IsWide(int width)
        {
        }

        public void LaterIsDeep()
        {
        }
    }
}
